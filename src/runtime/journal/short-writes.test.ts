import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { FileDisk } from '../../node/file-disk.js';

// A real system does this when a signal comes or the disk is nearly full.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    writeSync: (descriptor: number, bytes: Uint8Array, offset = 0) =>
      real.writeSync(descriptor, bytes, offset, Math.min(3, bytes.length - offset)),
    readSync: (descriptor: number, bytes: Uint8Array, offset: number, length: number, at: number) =>
      real.readSync(descriptor, bytes, offset, Math.min(2, length), at),
  };
});

const folder = fs.mkdtempSync(join(tmpdir(), 'kvx-short-'));
afterEach(() => fs.rmSync(folder, { recursive: true }));

it('writes and reads all, though the system does so in pieces', () => {
  const disk = new FileDisk(folder);
  const bytes = new TextEncoder().encode('hello world');
  disk.create('a').append(bytes);
  expect(disk.read('a', 0, bytes.length)).toEqual(bytes);
});
