import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

it.each([
  ['a link', (path: string, target: string) => symlinkSync(target, path)],
  ['a folder', (path: string) => mkdirSync(path)],
])('lists %s, but does not take it for a file', (_, make) => {
  const target = join(base, 'target');
  writeFileSync(target, 'theirs');
  const disk = new FileDisk(join(base, 'data'));
  make(join(base, 'data', 'a'), target);
  expect(disk.list()).toEqual(['a']);
  for (const act of [
    () => disk.size('a'),
    () => disk.read('a', 0, 1),
    () => disk.open('a', 0),
    () => disk.create('a'),
  ]) {
    expect(act).toThrow(/ELOOP|EEXIST|EISDIR|no file/);
  }
  expect(readFileSync(target, 'utf8')).toBe('theirs');
});

it('does not follow a link that leads nowhere', () => {
  const disk = new FileDisk(join(base, 'data'));
  symlinkSync(join(base, 'nothing'), join(base, 'data', 'a'));
  expect(() => disk.create('a')).toThrow(/EEXIST|ELOOP/);
  expect(existsSync(join(base, 'nothing'))).toBe(false);
});

it('fails when a file is shorter than what is read', () => {
  const disk = new FileDisk(base);
  disk.create('a').append(new Uint8Array(5));
  expect(disk.read('a', 1, 4).length).toBe(4);
  expect(() => disk.read('a', 1, 5)).toThrow(/it has become shorter/);
});

it('can be closed while a sync is under way, and twice', () => {
  const disk = new FileDisk(base);
  const file = disk.create('a');
  file.sync(() => expect.unreachable());
  file.close();
  file.close();
});
