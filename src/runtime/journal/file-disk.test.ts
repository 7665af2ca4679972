import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FileDisk } from './file-disk.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'kvx-file-disk-'));
});
afterEach(() => rmSync(base, { recursive: true }));

it('makes a folder, and files, that only their owner may look into', () => {
  const folder = join(base, 'cluster', 'n1');
  const disk = new FileDisk(folder);
  expect(disk.place).toBe(folder);
  disk.create('a').close();
  expect(statSync(join(base, 'cluster')).mode & 0o777).toBe(0o700);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o600);
});

it('lists files, not folders', () => {
  const disk = new FileDisk(base);
  mkdirSync(join(base, 'folder'));
  disk.create('a').close();
  expect(disk.list()).toEqual(['a']);
});

it('can be closed while a sync is under way, and twice', () => {
  const disk = new FileDisk(base);
  const file = disk.create('a');
  file.sync(() => expect.unreachable());
  file.close();
  file.close();
});
