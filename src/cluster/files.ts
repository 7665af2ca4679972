import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { KvxError } from '../core/errors.js';

/** Replaces a file so that after any crash it holds the old or the new text, whole. */
export function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const descriptor = openSync(temporary, 'w', 0o600);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a folder, and those above it, for this user only. One by one: below a folder in which nothing can be made, such as
 * /proc, the recursive `mkdir` of Node 20 never returns.
 */
export function makePrivateFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makePrivateFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** True of what the system says when there is no room left. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

const problems: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not'],
  ['EPERM', 'this user may not'],
  ['EROFS', 'it can only be read'],
  ['EEXIST', 'a file stands in its place'],
  ['ENOTDIR', 'a file stands in its place'],
  ['ENOENT', 'it can not be made there'],
]);

/** What the system says of files in a state folder, as a definite `cluster` KvxError; other errors as they are. */
export function stateProblem(error: unknown, folder: string): unknown {
  if (error instanceof KvxError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const full = isDiskFull(error);
  const what = full ? 'the disk is full' : `can't use it (${problems.get(code) ?? message})`;
  return new KvxError(`${what}: the state folder ${folder}`, {
    code: 'cluster',
    definite: true,
    hint: full
      ? 'Make room, or point KVX_HOME at another disk.'
      : 'Check who owns it, or point KVX_HOME at a folder of yours.',
  });
}
