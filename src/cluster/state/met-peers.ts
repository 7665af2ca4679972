/**
 * Which start of each peer a node has met, durably and beside its own journal: a peer that lost its data together with what
 * the cluster's record knows of it is told by the others.
 */
import { join } from 'node:path';
import type { NodeId } from '../../core/ids.js';
import { parseDocument, readIfThere, writeAtomically } from './files.js';
import type { ClusterRecord } from './record.js';
import { dataFolder } from './state.js';

const fileIn = (data: string): string => join(data, 'peers.json');

interface Met {
  readonly cluster: string;
  readonly node: NodeId;
  /** The greatest incarnation of each peer. */
  readonly seen: Readonly<Record<NodeId, number>>;
}

const leapMax = 1_000_000;

/**
 * One node's memory of its peers: false when a later start of this peer was met before. Then this one has lost its data, and is
 * not to be talked to.
 */
export function meetingPeers(
  folder: string,
  cluster: string,
  node: NodeId,
): (peer: NodeId, incarnation: number) => boolean {
  const data = dataFolder(folder, node);
  const met = read(data);
  const isOwn = met?.cluster === cluster && met.node === node;
  const seen = new Map(isOwn ? Object.entries(met.seen) : []);
  return (peer, incarnation) => {
    const known = seen.get(peer) ?? 0;
    // Nobody starts so often: whoever says so would spoil the numbers for good.
    if (incarnation < known || incarnation > known + leapMax) return false;
    if (incarnation === known) return true;
    seen.set(peer, incarnation);
    const now: Met = { cluster, node, seen: Object.fromEntries(seen) };
    try {
      writeAtomically(fileIn(data), JSON.stringify(now));
    } catch {
      // What it can't write down it remembers as long as it lives; a full disk is no reason to turn peers away.
    }
    return true;
  };
}

/** The greatest incarnation of `node` that any other node has met; 0 when none has. */
export function greatestMet(folder: string, { id, nodes }: ClusterRecord, node: NodeId): number {
  let greatest = 0;
  for (const other of nodes) {
    if (other === node) continue;
    const met = read(dataFolder(folder, other));
    // What lies in another node's folder is no word of that node.
    if (met?.cluster !== id || met.node !== other) continue;
    greatest = Math.max(greatest, met.seen[node] ?? 0);
  }
  return greatest;
}

/** `null` when there is nothing that can be read: an unreadable memory proves nothing. */
function read(data: string): Met | null {
  try {
    return parseDocument<Met>(
      readIfThere(fileIn(data)),
      ({ cluster, node, seen }) =>
        typeof cluster === 'string' &&
        typeof node === 'string' &&
        Object.values(seen ?? [null]).every(Number.isSafeInteger),
    );
  } catch {
    return null;
  }
}
