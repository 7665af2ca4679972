import { usageError } from '../core/errors.js';
import { writeProblem } from '../core/write-problem.js';

/** What `work` comes to, which writes there. Throws a definite `bad-request` when that can't be done. */
export function written<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw usageError(`${path} can't be written: ${writeProblem(error)}`);
  }
}
