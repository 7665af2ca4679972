/** The ways in which a node is out of reach, and errors as results. */
import { definiteError, KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import { errorResult } from '../core/results.js';

export function unreachableNode(node: NodeId, why: string): KvxError {
  return definiteError('unavailable', `${node} can't be reached: ${why}`);
}

/** When every node that was tried failed to be reached; `problems` are the messages of {@link unreachableNode}. */
export function noneReachable(tried: readonly NodeId[], problems: readonly string[]): KvxError {
  const [first] = problems;
  if (tried.length === 0) {
    return definiteError('unavailable', 'there is no node to ask');
  }
  const reasons = problems.map((problem) => problem.replace(/^\S+ can't be reached: /, ''));
  const why = [...new Set(reasons)].join('; ') || 'no time left';
  const message =
    first !== undefined && tried.length === 1
      ? first
      : `none of ${tried.join(', ')} can be reached: ${why}`;
  return definiteError('unavailable', message);
}

export function lostNode(node: NodeId, why: string): KvxError {
  return new KvxError(`lost ${node}: ${why}`, { code: 'disconnected', definite: false });
}

export function tooManyWaiting(node: NodeId): KvxError {
  const message = `too many requests are waiting for ${node}`;
  return definiteError('overloaded', message);
}

export const resultOf = ({ code, definite, message }: KvxError): ClientResult =>
  errorResult(code, definite, message);
