import { KvxError } from '../../core/errors.js';
import type { JournalOwner } from '../ports.js';
import type { Disk } from './disk.js';
import { InjectedDiskError } from './faulty-disk.js';

/**
 * Why a journal was refused, or failed. `foreign`: it is another node's. `format`: another version of kvx wrote it. `in use`: it
 * is open elsewhere. `mode`: a record is none of the mode's.
 */
export type JournalProblem = 'damaged' | 'foreign' | 'format' | 'in use' | 'mode' | 'disk';

/**
 * Whatever a journal throws that a user can meet. Always definite: the node does not start and nothing on disk was
 * changed; or, for a disk that fails later, what was not yet durable is not taken for durable.
 */
export class JournalError extends KvxError {
  readonly problem: JournalProblem;

  constructor(problem: JournalProblem, message: string, hint: string, cause?: unknown) {
    super(message, { code: 'cluster', definite: true, hint });
    this.problem = problem;
    if (cause !== undefined) this.cause = cause;
  }
}

/**
 * The journal can't be what kvx wrote, and cutting it would lose what was durable. `expected`: what should have stood at this
 * byte, and why this is no write cut short by a crash.
 */
export const damaged = (disk: Disk, file: string, offset: number, expected: string): JournalError =>
  new JournalError(
    'damaged',
    `${file} in ${disk.place} is damaged at byte ${offset}: expected ${expected}`,
    'Nothing was changed. Restore the folder from a copy, or start a new cluster: ' +
      'a node that forgets what it promised can break what its cluster promises.',
  );

export function foreign(
  disk: Disk,
  file: string,
  found: JournalOwner,
  expected: JournalOwner,
): JournalError {
  const whose = ({ node, cluster }: JournalOwner) => `node ${node} of cluster ${cluster}`;
  return new JournalError(
    'foreign',
    `${file} in ${disk.place} belongs to ${whose(found)}, not to ${whose(expected)}`,
    'Nothing was changed. Put back the folder that belongs here.',
  );
}

export const otherFormat = (
  disk: Disk,
  file: string,
  found: number,
  expected: number,
): JournalError =>
  new JournalError(
    'format',
    `${file} in ${disk.place} has journal format ${found}, this kvx reads and writes format ${expected}`,
    'Nothing was changed. Start it with the version of kvx that wrote it, or make a new cluster with `kvx cluster up --fresh`.',
  );

/** By the process `pid`, or by this one when it is `null`. */
export const inUse = (place: string, pid: number | null): JournalError =>
  new JournalError(
    'in use',
    `the journal in ${place} is in use${pid === null ? '' : ` by process ${pid}`}`,
    'Stop the process that has it open, then start the node again.',
  );

export const otherMode = (disk: Disk, cause: unknown): JournalError =>
  new JournalError(
    'mode',
    `the journal in ${disk.place} holds a record that is none of this mode's: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Start it with the mode and the version of kvx that wrote it.',
    cause,
  );

/**
 * What the disk said, in the user's words. What the disk did not say (a bug, or an error that is clear already) comes
 * back as it is.
 */
export function diskFailure(disk: Disk, doing: string, cause: unknown): unknown {
  if (!isErrno(cause)) return cause;
  const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  const what = `cannot ${doing} the journal in ${disk.place}`;
  const isFault = cause instanceof InjectedDiskError;
  const full = `the disk is full${isFault ? ', as a fault has it' : ''}`;
  const mend = isFull ? 'Make room there' : 'Check the disk and the permissions of the folder';
  return new JournalError(
    'disk',
    isFull ? `${full}: ${what}` : `${what}: ${cause.message}`,
    `${isFault ? 'End that with `kvx fault heal`' : mend}, then start the node again.`,
    cause,
  );
}

/** An error of the operating system, as against one of Node or of ours. */
function isErrno(cause: unknown): cause is Error & { readonly code?: string } {
  return cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number';
}
