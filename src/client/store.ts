import type { Millis, NodeId } from '../core/ids.js';
import type { ScannedEntry } from '../runtime/links/client-frames.js';
import { type Answering, askNode, type NodeReply, noneAnswered, openAnswering } from './ask.js';
import type { Endpoint, NodeConnection } from './endpoint.js';

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
  const connection = await openStore(endpoints, timeoutMs);
  try {
    const entries: ScannedEntry[] = [];
    await connection.scan({ values: true, timeoutMs }, (some) => {
      for (const entry of some) if (!entry.deleted) entries.push(entry);
    });
    entries.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { node: connection.node, entries };
  } finally {
    connection.close();
  }
}

async function openStore(
  endpoints: readonly Endpoint[],
  timeoutMs: Millis,
): Promise<NodeConnection> {
  const asked: NodeReply<Answering>[] = [];
  let empty: NodeConnection | null = null;
  for (const endpoint of endpoints) {
    const found = await askNode(endpoint, () => openAnswering(endpoint, timeoutMs));
    asked.push(found);
    if (found.answer === null) continue;
    const { connection, status } = found.answer;
    if (status.keyCount > 0) {
      empty?.close();
      return connection;
    }
    if (empty === null) empty = connection;
    else connection.close();
  }
  if (empty === null) throw noneAnswered(asked);
  return empty;
}
