/** Questions to nodes themselves, each answered by that node alone. */
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import type { Endpoint, NodeConnection } from './endpoint.js';
import { noneReachable } from './lost.js';

/** What a node said, or why it could not be asked. */
export type NodeReply<T> =
  | { readonly node: NodeId; readonly answer: T; readonly problem: null }
  | { readonly node: NodeId; readonly answer: null; readonly problem: KvxError };

/** Only bugs are thrown. */
export async function askNode<T>(
  endpoint: Endpoint,
  question: (endpoint: Endpoint) => Promise<T>,
): Promise<NodeReply<T>> {
  const { node } = endpoint;
  try {
    return { node, answer: await question(endpoint), problem: null };
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    return { node, answer: null, problem: error };
  }
}

/** Asks all at the same time. The answers are in the order of the endpoints. */
export const askEach = <T>(
  endpoints: readonly Endpoint[],
  question: (endpoint: Endpoint) => Promise<T>,
): Promise<NodeReply<T>[]> => Promise.all(endpoints.map((endpoint) => askNode(endpoint, question)));

/** Why none of them could be asked: a definite `unavailable`. */
export function noneAnswered(asked: readonly NodeReply<unknown>[]): KvxError {
  const problems = asked.flatMap(({ problem }) => (problem === null ? [] : [problem.message]));
  return noneReachable(
    asked.map(({ node }) => node),
    problems,
  );
}

/** How a node says it is; `null` when it does not. */
export async function askStatus(endpoint: Endpoint, timeoutMs: Millis): Promise<NodeStatus | null> {
  const asked = await askNode(endpoint, () => openAnswering(endpoint, timeoutMs));
  asked.answer?.connection.close();
  return asked.answer?.status ?? null;
}

export interface Answering {
  readonly connection: NodeConnection;
  readonly status: NodeStatus;
}

/**
 * Connects to a node that says how it is: a paused one accepts connections and says nothing. Throws a definite
 * `unavailable`, for nothing else was asked of it.
 */
export async function openAnswering(endpoint: Endpoint, timeoutMs: Millis): Promise<Answering> {
  const connection = await endpoint.open(timeoutMs);
  try {
    return { connection, status: await connection.status(timeoutMs) };
  } catch (error) {
    connection.close();
    if (!(error instanceof KvxError)) throw error;
    throw definiteError('unavailable', error.message);
  }
}
