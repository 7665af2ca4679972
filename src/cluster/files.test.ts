import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePrivateFolder, stateProblem } from './files.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kvx-files-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

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
