import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
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

/** Makes a folder, and those above it, for this user only. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** True of what the system says when there is no room left. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** What the system says of files in a state folder, as a definite `cluster` KvxError; other errors as they are. */
export function stateProblem(error: unknown, folder: string): unknown {
  if (error instanceof KvxError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const full = isDiskFull(error);
  const what = full ? 'the disk is full' : `can't use it: ${message}`;
  return new KvxError(`${what}: the state folder ${folder}`, {
    code: 'cluster',
    definite: true,
    hint: full
      ? 'Make room, or point KVX_HOME at another disk.'
      : 'Check who owns it, or point KVX_HOME at a folder of yours.',
  });
}
