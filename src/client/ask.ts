/** Questions to nodes themselves, each answered by that node alone. */
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { NodeStatus, ScannedEntry } from '../runtime/links/client-frames.js';
import { type Endpoint, type NodeConnection, withConnection } from './endpoint.js';
import { noneReachable } from './lost.js';

/** What a node said, or why it could not be asked. */
type NodeReply<T> =
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
  const status = (connection: NodeConnection) => connection.status(timeoutMs);
  return (await askNode(endpoint, () => withConnection(endpoint, status, timeoutMs))).answer;
}

interface Answering {
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

export interface Found {
  readonly node: NodeId;
  /** `null` when the node has never heard of the key. */
  readonly entry: ScannedEntry | null;
  /** Why the node could not be asked; `null` when it could. */
  readonly problem: string | null;
}

/** What each node holds under one key, in the order of the endpoints. Throws `unavailable` when none can be asked. */
export async function searchNodes(
  endpoints: readonly Endpoint[],
  key: Key,
  timeoutMs: Millis,
): Promise<Found[]> {
  const asked = await askEach(endpoints, (endpoint) =>
    withConnection(endpoint, (connection) => connection.lookup(key, timeoutMs), timeoutMs),
  );
  if (asked.every(({ problem }) => problem !== null)) throw noneAnswered(asked);
  return asked.map(({ node, answer, problem }) => {
    return { node, entry: answer, problem: problem?.message ?? null };
  });
}

export const isPresent = ({ entry }: Found): boolean => entry !== null && !entry.deleted;

export interface NodeStore {
  readonly node: NodeId;
  /** What is present, by key. */
  readonly entries: readonly ScannedEntry[];
}

/**
 * What the first node that can be reached and holds anything holds (a coordinator may keep no copy). Throws
 * `unavailable` when none can be reached.
 */
export async function readStore(
  endpoints: readonly Endpoint[],
  timeoutMs: Millis,
): Promise<NodeStore> {
  const asked: NodeReply<ScannedEntry[]>[] = [];
  for (const endpoint of endpoints) {
    const found = await askNode(endpoint, () => entriesOf(endpoint, timeoutMs));
    asked.push(found);
    if (found.answer !== null && found.answer.length > 0) break;
  }
  const last = asked.at(-1);
  const first = last?.answer?.length ? last : asked.find((reply) => reply.answer !== null);
  const { node, answer } = first ?? {};
  if (node === undefined || !answer) throw noneAnswered(asked);
  return { node, entries: answer.sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

const entriesOf = (endpoint: Endpoint, timeoutMs: Millis): Promise<ScannedEntry[]> =>
  withConnection(
    endpoint,
    async (connection) => {
      const entries: ScannedEntry[] = [];
      await connection.scan({ values: true, timeoutMs }, (some) => {
        for (const entry of some) if (!entry.deleted) entries.push(entry);
      });
      return entries;
    },
    timeoutMs,
  );
