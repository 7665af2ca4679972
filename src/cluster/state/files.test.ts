import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPrivate, makePrivateFolder, stateProblem, writeAtomically } from './files.js';

const { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } = fs;
const { rmSync, statSync, symlinkSync, writeFileSync } = fs;

/** How many bytes the disk still takes. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));

// As a disk that is nearly full: takes a part of what it is given, then nothing.
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    writeSync: (
      descriptor: number,
      bytes: Uint8Array,
      offset: number,
      length: number,
      at: number,
    ) => {
      const taken = Math.min(length, disk.room, 7);
      if (taken === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      disk.room -= taken;
      return real.writeSync(descriptor, bytes, offset, taken, at);
    },
  };
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kvx-files-'));
});
afterEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
  rmSync(root, { recursive: true, force: true });
});

function problemOf(folder: string): unknown {
  try {
    makePrivateFolder(folder);
  } catch (error) {
    return stateProblem(error, folder);
  }
  return null;
}

describe('a private folder', () => {
  it('is made with those above it, for this user only', () => {
    const folder = join(root, 'a', 'b', 'c');
    makePrivateFolder(folder);
    makePrivateFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
  });

  it('leaves those that are there as they are', () => {
    mkdirSync(join(root, 'a'), { mode: 0o755 });
    makePrivateFolder(join(root, 'a', 'b'));
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o755);
  });

  it("is refused in a user's words where none can be made", () => {
    writeFileSync(join(root, 'file'), '');
    for (const folder of [join(root, 'file'), join(root, 'file', 'b')]) {
      expect(problemOf(folder)).toMatchObject({
        code: 'cluster',
        definite: true,
        message: `can't use it (a file stands in its place): the state folder ${folder}`,
      });
    }
  });

  it.skipIf(process.platform !== 'linux')('is refused, not tried for ever, below /proc', () => {
    expect(problemOf('/proc/nope/a/b')).toMatchObject({ code: 'cluster', definite: true });
  });
});

describe('a file that is replaced', () => {
  it('holds all of the new text, or what it held before', () => {
    const file = join(root, 'cluster.json');
    writeAtomically(file, 'the old text, whole');
    disk.room = 10;
    expect(() => writeAtomically(file, 'the new text, whole')).toThrow('no space left');
    expect(readFileSync(file, 'utf8')).toBe('the old text, whole');
    expect(readdirSync(root)).toEqual(['cluster.json']);
    disk.room = 100;
    writeAtomically(file, 'the new text, whole');
    expect(readFileSync(file, 'utf8')).toBe('the new text, whole');
  });

  it("is written through nobody's link", () => {
    const file = join(root, 'current');
    writeFileSync(join(root, 'victim'), 'mine');
    for (const name of [
      file,
      `${file}.tmp`,
      `${file}.${process.pid}.tmp`,
      `${file}.${process.pid}`,
    ]) {
      symlinkSync(join(root, 'victim'), name);
    }
    writeAtomically(file, 'text');
    expect(readFileSync(join(root, 'victim'), 'utf8')).toBe('mine');
    expect(readFileSync(file, 'utf8')).toBe('text');
  });
});

describe('a folder of this user alone', () => {
  const problem = (folder: string): string => {
    try {
      checkPrivate(folder, 'move.');
    } catch (error) {
      return (error as Error).message.replace(folder, '').trim();
    }
    return '';
  };

  it('may be missing, and may be looked into by others, but not changed', () => {
    const folder = join(root, 'home');
    expect(problem(folder)).toBe('');
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    expect(problem(folder)).toBe('');
    for (const mode of [0o775, 0o757, 0o777]) {
      chmodSync(folder, mode);
      expect(problem(folder)).toBe('can be changed by other users');
    }
    writeFileSync(join(root, 'file'), '');
    expect(problem(join(root, 'file'))).toBe('is no folder');
    symlinkSync(join(root, 'gone'), join(root, 'dangling'));
    expect(problem(join(root, 'dangling'))).toBe('is a link to what is not there');
    expect(problem(join(root, 'long'.repeat(100)))).toMatch(
      /^can't use it \(its path is too long\)/,
    );
  });

  it('can be made so only where others may change it', () => {
    const folder = join(root, 'home');
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const failure = (path: string) => expect(() => checkPrivate(path, 'move.'));
    failure(folder).toThrow(
      expect.objectContaining({ hint: `\`chmod go-w ${folder}\`, or move.` }),
    );
    writeFileSync(join(root, 'file'), '');
    failure(join(root, 'file')).toThrow(expect.objectContaining({ hint: 'Move.' }));
  });

  it.skipIf(process.getuid?.() !== 0)(
    "is not another user's, for root either, nor is a link to it",
    () => {
      const [mine, theirs] = [join(root, 'mine'), join(root, 'theirs')];
      for (const folder of [mine, theirs]) mkdirSync(folder, { mode: 0o700 });
      chownSync(theirs, 4711, 4711);
      expect(problem(theirs)).toBe('belongs to another user');
      symlinkSync(mine, join(root, 'link'));
      expect(problem(join(root, 'link'))).toBe('');
      fs.lchownSync(join(root, 'link'), 4711, 4711);
      expect(problem(join(root, 'link'))).toBe('belongs to another user');
    },
  );
});
