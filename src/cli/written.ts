import { definiteError, type KvxError } from '../core/errors.js';
import { isDiskFull, writeProblem } from '../core/write-problem.js';

/** What `work` comes to, which writes there. Throws a {@link cannotWrite} when that can't be done. */
export function written<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** A definite `cluster` when the disk is full, else `bad-request`: there can be no such file. */
export const cannotWrite = (path: string, error: unknown): KvxError =>
  definiteError(
    isDiskFull(error) ? 'cluster' : 'bad-request',
    `${path} can't be written: ${writeProblem(error)}`,
  );
