import { KvxError } from '../../core/errors.js';
import type { JournalOwner } from '../ports.js';
import type { Disk } from './disk.js';

/** What is wrong with a journal file, and where. */
export interface Damage {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** What should have stood there, and why this is no write cut short by a crash. */
  readonly expected: string;
}

/** Why a journal was refused, or failed. */
export type JournalProblem =
  | ({ readonly type: 'damaged' } & Damage)
  /** `found` owns the file, `expected` is who opened it. */
  | {
      readonly type: 'foreign';
      readonly file: string;
      readonly found: JournalOwner;
      readonly expected: JournalOwner;
    }
  /** Written by another version of kvx. */
  | {
      readonly type: 'format';
      readonly file: string;
      readonly found: number;
      readonly expected: number;
    }
  /** It is open elsewhere: in the process `pid`, or in this one when it is `null`. */
  | { readonly type: 'in use'; readonly pid: number | null }
  /** A record is none of the mode's. */
  | { readonly type: 'mode' }
  | { readonly type: 'disk'; readonly full: boolean };

/**
 * Whatever a journal throws that a user can meet. Always definite: the node does not start and nothing on disk was
 * changed; or, for a disk that fails later, what was not yet durable is not taken for durable.
 */
export class JournalError extends KvxError {
  readonly problem: JournalProblem;

  constructor(message: string, hint: string, problem: JournalProblem) {
    super(message, { code: 'cluster', definite: true, hint });
    this.problem = problem;
  }
}

const restoreHint =
  'Nothing was changed. Restore the folder from a copy, or start a new cluster: ' +
  'a node that forgets what it promised can break what its cluster promises.';

/** The journal can't be what kvx wrote, and cutting it would lose what was durable. */
export function damaged(disk: Disk, damage: Damage): JournalError {
  const { file, offset, expected } = damage;
  return new JournalError(
    `${file} in ${disk.place} is damaged at byte ${offset}: expected ${expected}`,
    restoreHint,
    { type: 'damaged', ...damage },
  );
}

export function foreign(
  disk: Disk,
  file: string,
  found: JournalOwner,
  expected: JournalOwner,
): JournalError {
  const whose = ({ node, cluster }: JournalOwner) => `node ${node} of cluster ${cluster}`;
  return new JournalError(
    `${file} in ${disk.place} belongs to ${whose(found)}, not to ${whose(expected)}`,
    'Nothing was changed. Put back the folder that belongs here.',
    { type: 'foreign', file, found, expected },
  );
}

export function otherFormat(
  disk: Disk,
  file: string,
  found: number,
  expected: number,
): JournalError {
  return new JournalError(
    `${file} in ${disk.place} has journal format ${found}, this kvx reads and writes format ${expected}`,
    'Nothing was changed. Start it with the version of kvx that wrote it, or make a new cluster with `kvx cluster up --fresh`.',
    { type: 'format', file, found, expected },
  );
}

export function inUse(place: string, pid: number | null): JournalError {
  return new JournalError(
    `the journal in ${place} is in use${pid === null ? '' : ` by process ${pid}`}`,
    'Stop the process that has it open, then start the node again.',
    { type: 'in use', pid },
  );
}

export function otherMode(disk: Disk, cause: unknown): JournalError {
  const what = cause instanceof Error ? cause.message : String(cause);
  const error = new JournalError(
    `the journal in ${disk.place} holds a record that is none of this mode's: ${what}`,
    'Start it with the mode and the version of kvx that wrote it.',
    { type: 'mode' },
  );
  error.cause = cause;
  return error;
}

/**
 * What the disk said, in the user's words. What the disk did not say (a bug, or an error that is clear already) comes
 * back as it is.
 */
export function diskFailure(disk: Disk, doing: string, cause: unknown): unknown {
  if (!isErrno(cause)) return cause;
  const full = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  const error = full
    ? new JournalError(
        `the disk is full: cannot ${doing} the journal in ${disk.place}`,
        'Make room there, then start the node again.',
        { type: 'disk', full },
      )
    : new JournalError(
        `cannot ${doing} the journal in ${disk.place}: ${cause.message}`,
        'Check the disk and the permissions of the folder, then start the node again.',
        { type: 'disk', full },
      );
  error.cause = cause;
  return error;
}

/** An error of the operating system, as against one of Node or of ours. */
function isErrno(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number';
}
