import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ScannedEntry } from '../runtime/links/client-frames.js';
import { type Endpoint, withConnection } from './endpoint.js';
import { noneReachable } from './lost.js';

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
  const found: Found[] = await Promise.all(
    endpoints.map(async (endpoint) => {
      const { node } = endpoint;
      try {
        const entry = await withConnection(
          endpoint,
          (connection) => connection.lookup(key, timeoutMs),
          timeoutMs,
        );
        return { node, entry, problem: null };
      } catch (error) {
        if (!(error instanceof KvxError)) throw error;
        return { node, entry: null, problem: error.message };
      }
    }),
  );
  if (found.every(({ problem }) => problem !== null)) {
    throw noneReachable(
      found.map(({ node }) => node),
      found.map(({ problem }) => problem as string),
    );
  }
  return found;
}

export const isPresent = ({ entry }: Found): boolean => entry !== null && !entry.deleted;
