import { noneReachable } from '../client/lost.js';
import type { Cluster } from '../cluster/state.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { bytesToJson, bytesToLine, versionToLine } from '../report/bytes.js';
import type { ScannedEntry } from '../runtime/links/client-frames.js';
import { addressesOf, withConnection } from './reach.js';

export interface Found {
  readonly node: NodeId;
  /** `null` when the node has never heard of the key. */
  readonly entry: ScannedEntry | null;
  /** Why the node could not be asked; `null` when it could. */
  readonly problem: string | null;
}

/** What each node holds under one key, in the cluster's order. Throws `unavailable` when none can be asked. */
export async function searchNodes(
  cluster: Cluster,
  only: NodeId | undefined,
  key: Key,
  timeoutMs: Millis,
): Promise<Found[]> {
  const found: Found[] = await Promise.all(
    addressesOf(cluster, only).map(async (address) => {
      const { node } = address;
      try {
        const entry = await withConnection(
          address,
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

export const searchColumns = [{ title: 'NODE' }, { title: 'VALUE' }, { title: 'VERSION' }] as const;

const shownCharactersMax = 80;

export function searchRow({ node, entry, problem }: Found): string[] {
  if (problem !== null) return [node, '(no answer)', ''];
  if (entry === null) return [node, '(absent)', ''];
  const value = entry.deleted
    ? '(deleted)'
    : bytesToLine(entry.value ?? new Uint8Array(), shownCharactersMax);
  return [node, value, versionToLine(entry.version)];
}

export function searchDocument({ node, entry, problem }: Found): unknown {
  if (problem !== null) return { node, problem };
  const value = entry?.value ?? null;
  return {
    node,
    found: entry !== null && !entry.deleted,
    deleted: entry?.deleted ?? false,
    value: value === null ? null : bytesToJson(value),
    version: entry?.version ?? null,
    owners: entry?.owners ?? null,
  };
}
