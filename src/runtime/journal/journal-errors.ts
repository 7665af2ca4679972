import { KvxError } from '../../core/errors.js';
import type { Disk } from './disk.js';

/** What is wrong with a journal file, and where. */
export interface Damage {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** What should have stood there, and why this is no write cut short by a crash. */
  readonly expected: string;
}

/**
 * The journal can't be what kvx wrote, and cutting it would lose what was durable. Definite: the node does not start,
 * and nothing on disk was changed.
 */
export function damaged(disk: Disk, { file, offset, expected }: Damage): KvxError {
  return new KvxError(
    `${file} in ${disk.place} is damaged at byte ${offset}: expected ${expected}`,
    {
      code: 'cluster',
      definite: true,
      hint:
        'Nothing was changed. Restore the folder from a copy, or start a new cluster: ' +
        'a node that forgets what it promised can break what its cluster promises.',
    },
  );
}

/**
 * What the disk said, in the user's words. Definite in that what was not yet durable is not taken for durable. What the
 * disk did not say (a bug, or an error that is clear already) comes back as it is.
 */
export function diskFailure(disk: Disk, doing: string, cause: unknown): unknown {
  if (!isErrno(cause)) return cause;
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  const error = full
    ? new KvxError(`the disk is full: cannot ${doing} the journal in ${disk.place}`, {
        code: 'cluster',
        definite: true,
        hint: `Make room on the disk that holds ${disk.place}, then start the node again.`,
      })
    : new KvxError(`cannot ${doing} the journal in ${disk.place}: ${cause.message}`, {
        code: 'cluster',
        definite: true,
        hint: 'Check the disk and the permissions of the folder, then start the node again.',
      });
  error.cause = cause;
  return error;
}

/** An error of the operating system, as against one of Node or of ours. */
function isErrno(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number';
}
