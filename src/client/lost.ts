/** The ways in which a node is out of reach, and errors as results. */
import { definiteError, type KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import { errorResult } from '../core/results.js';

export const unreachableNode = (node: NodeId, why: string): KvxError =>
  definiteError('unavailable', `${node} can't be reached: ${why}`);

/** When every node that was tried failed to be reached; `problems` are the messages of {@link unreachableNode}. */
export const noneReachable = (tried: readonly NodeId[], problems: readonly string[]): KvxError =>
  definiteError('unavailable', whyNone(tried, problems));

/** The same as a result: an error would look where it was made, which costs. */
export const noneReached = (tried: readonly NodeId[], problems: readonly string[]): ClientResult =>
  errorResult('unavailable', true, whyNone(tried, problems));

function whyNone(tried: readonly NodeId[], problems: readonly string[]): string {
  if (tried.length === 0) return 'there is no node to ask';
  const [first] = problems;
  if (first !== undefined && tried.length === 1) return first;
  const reasons = problems.map((problem) => problem.replace(/^\S+ can't be reached: /, ''));
  const why = [...new Set(reasons)].join('; ') || 'no time left';
  return `none of ${tried.join(', ')} can be reached: ${why}`;
}

export const resultOf = ({ code, definite, message }: KvxError): ClientResult =>
  errorResult(code, definite, message);
