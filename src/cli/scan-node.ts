import { Connection } from '../client/connection.js';
import { noneReachable } from '../client/lost.js';
import type { Cluster } from '../cluster/state.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ScannedEntry } from '../runtime/links/client-frames.js';
import { addressesOf } from './reach.js';

export interface NodeStore {
  readonly node: NodeId;
  /** What is present, by key. */
  readonly entries: readonly ScannedEntry[];
}

/**
 * What one node holds: the one asked for, or the first that can be reached and holds anything (a coordinator may keep
 * no copy). Throws `unavailable` when none can be reached.
 */
export async function scanNode(
  cluster: Cluster,
  only: NodeId | undefined,
  timeoutMs: Millis,
): Promise<NodeStore> {
  const connection = await openStore(cluster, only, timeoutMs);
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
  cluster: Cluster,
  only: NodeId | undefined,
  timeoutMs: Millis,
): Promise<Connection> {
  const problems: string[] = [];
  const addresses = addressesOf(cluster, only);
  let empty: Connection | null = null;
  for (const address of addresses) {
    try {
      const connection = await Connection.open(address, timeoutMs);
      const { keyCount } = await connection.status(timeoutMs);
      if (keyCount > 0) {
        empty?.close();
        return connection;
      }
      if (empty === null) empty = connection;
      else connection.close();
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (empty !== null) return empty;
  throw noneReachable(
    addresses.map(({ node }) => node),
    problems,
  );
}
