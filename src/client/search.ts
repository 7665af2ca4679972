import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ScannedEntry } from '../runtime/links/client-frames.js';
import { askEach, noneAnswered } from './ask.js';
import { type Endpoint, withConnection } from './endpoint.js';

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
