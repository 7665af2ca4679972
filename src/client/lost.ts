/** The ways in which a node is out of reach. */
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';

export function connectProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'nobody listens at its socket';
    case 'EAGAIN':
      return 'too many wait to connect';
    case 'EACCES':
    case 'EPERM':
      return 'its socket belongs to another user';
    default:
      return error.message;
  }
}

export function unreachableNode(node: NodeId, why: string): KvxError {
  return new KvxError(`${node} can't be reached: ${why}`, { code: 'unavailable', definite: true });
}

/** When every node that was tried failed to be reached; `problems` are the messages of {@link unreachableNode}. */
export function noneReachable(tried: readonly NodeId[], problems: readonly string[]): KvxError {
  const [first] = problems;
  if (tried.length === 0) {
    return new KvxError('there is no node to ask', { code: 'unavailable', definite: true });
  }
  const reasons = problems.map((problem) => problem.replace(/^\S+ can't be reached: /, ''));
  const why = [...new Set(reasons)].join('; ') || 'no time left';
  const message =
    first !== undefined && tried.length === 1
      ? first
      : `none of ${tried.join(', ')} can be reached: ${why}`;
  return new KvxError(message, { code: 'unavailable', definite: true });
}

export function lostNode(node: NodeId, why: string): KvxError {
  return new KvxError(`lost ${node}: ${why}`, { code: 'disconnected', definite: false });
}

export function overloaded(node: NodeId): KvxError {
  const message = `too many requests are waiting for ${node}`;
  return new KvxError(message, { code: 'overloaded', definite: true });
}
