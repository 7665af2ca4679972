import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { FileDisk } from './file-disk.js';

let now = 0;
let syncMs = 0.2;
vi.spyOn(performance, 'now').mockImplementation(() => now);
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  fdatasyncSync: () => {
    now += syncMs;
  },
}));

it('a thread waits for a disk that is quick, and stands still for a slow one a twentieth of its time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-slow-'));
  try {
    const disk = new FileDisk(folder);
    const [file, other] = [disk.create('a'), disk.create('b')];
    for (let round = 0; round < 10; round++) expect(file.syncIfQuick()).toBe(true);
    // What one file of a disk shows holds for all of them.
    const standstills = (totalMs: number) => {
      let count = 0;
      for (const end = now + totalMs; now < end; now++) if (other.syncIfQuick()) count++;
      return count;
    };
    syncMs = 10;
    expect(standstills(1000)).toBe(5);
    syncMs = 0.5;
    expect(standstills(300)).toBe(200);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a sync that has a megabyte of zeros to write is not waited for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-slow-'));
  try {
    syncMs = 0.2;
    const file = new FileDisk(folder).create('a', true);
    const append = () => {
      file.append(new Uint8Array(50_000));
      return file.syncIfQuick();
    };
    // Zeros for 64 KiB, then for 128.
    expect([append(), file.syncIfQuick()]).toEqual([false, false]);
    file.syncNow();
    expect([append(), append()]).toEqual([true, false]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
