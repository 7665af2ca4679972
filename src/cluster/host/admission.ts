/** Whether a node may start with the journal it has: the evidence, and the words for whoever has to mend it. */
import { readdirSync } from 'node:fs';
import { definiteError, type KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { Rejoin } from '../../core/replica.js';
import { profileOf } from '../../protocols/catalog.js';
import { lossOf, lossWords, type ProofOfWrites } from '../../runtime/admission.js';
import { JournalError } from '../../runtime/journal/journal-errors.js';
import { parseFileName } from '../../runtime/journal/record-format.js';
import type { Recovery } from '../../runtime/ports.js';
import type { NodeLog } from '../state/log.js';
import { orderFor, readMark } from '../state/marks.js';
import { greatestMet } from '../state/met-peers.js';
import { type Cluster, dataFolder } from '../state/state.js';

export interface Admission {
  readonly rejoin: Rejoin | null;
  /** What a user should hear of it. */
  readonly note: string | null;
}

export function evidenceOn({ folder, record }: Cluster, node: NodeId): ProofOfWrites {
  const mark = readMark(folder, node, record.sync === 'always');
  return { mark, seen: greatestMet(folder, record, node) };
}

/**
 * Throws a definite `cluster` KvxError when the journal is sound but not what this node had made durable, unless there is
 * an order to begin anew, or its mode can make up for it by itself.
 */
export function admit(
  cluster: Cluster,
  node: NodeId,
  recovery: Recovery,
  evidence: ProofOfWrites,
): Admission {
  const { incarnation } = recovery;
  const order = orderFor(cluster.folder, node);
  if (order?.type === 'new') return { rejoin: null, note: null };
  if (order?.type === 'rejoin') {
    return { rejoin: { incarnation, removal: order.removal }, note: null };
  }
  const loss = lossOf(recovery, evidence);
  if (loss === null) return { rejoin: null, note: null };
  const what = lossWords(node, loss, dataFolder(cluster.folder, node));
  const mayHeal = profileOf(cluster.record.mode).copiesByItself;
  if (!mayHeal || !canHelp(cluster, node)) throw refusal(cluster, node, what);
  const note = `${what}: it copies from the others, and serves when it has`;
  return { rejoin: { incarnation, removal: null }, note };
}

/** What the journal itself found wrong, with a way out. Other errors as they are. */
export function explained(cluster: Cluster, node: NodeId, error: unknown): unknown {
  if (!(error instanceof JournalError)) return error;
  if (error.problem !== 'damaged' && error.problem !== 'foreign') return error;
  return refusal(cluster, node, `${node} can't use its data: ${error.message}`);
}

function refusal(cluster: Cluster, node: NodeId, what: string): KvxError {
  return definiteError('cluster', what, wayOut(cluster, node));
}

/** Why a node can't begin anew; `null` when it can. */
export function bindingOf({ record }: Cluster, node: NodeId): string | null {
  const { nodes, mode } = record;
  if (nodes.length < 2) return `${node} is the only node`;
  const isAlone = profileOf(mode).coordinatesAlone && node === nodes[0];
  if (isAlone) return `${node} coordinates, and nobody else knows what it had decided`;
  return null;
}

function wayOut(cluster: Cluster, node: NodeId): string {
  const { name } = cluster.record;
  const of = name === 'dev' ? '' : ` -C ${name}`;
  const fresh = `kvx cluster up --fresh${name === 'dev' ? '' : ` --name ${name}`}`;
  const putBack = `Put ${dataFolder(cluster.folder, node)} back`;
  const binding = bindingOf(cluster, node);
  if (binding !== null) return `${putBack}: ${binding}. Or begin anew: \`${fresh}\`.`;
  if (canHelp(cluster, node)) {
    return `${putBack}, or let it copy from the others: \`kvx node rejoin ${node}${of}\`.`;
  }
  const who = helpersOf(cluster, node) === 0 ? 'no other node has' : 'too few others have';
  return `${putBack}: ${who} data to copy from. Or begin anew: \`${fresh}\`.`;
}

/** Whether so many others have a journal at all that this node could come back without its own. */
function canHelp(cluster: Cluster, node: NodeId): boolean {
  return helpersOf(cluster, node) >= helpersNeeded(cluster.record);
}

function helpersNeeded({ mode, nodes }: Cluster['record']): number {
  const { helpersNeeded: needed } = profileOf(mode);
  if (needed === 'a majority') return Math.floor(nodes.length / 2) + 1;
  return needed === 'all others' ? nodes.length - 1 : needed;
}

function helpersOf({ record, folder }: Cluster, node: NodeId): number {
  const others = record.nodes.filter((other) => other !== node);
  return others.filter((other) => hasJournal(dataFolder(folder, other))).length;
}

function hasJournal(data: string): boolean {
  try {
    return readdirSync(data).some((name) => parseFileName(name)?.temporary === false);
  } catch {
    return false;
  }
}

/** A line for all that a crash took, so that nothing is ever missing without a trace. */
export function logRecovery(log: NodeLog, { incarnation, isFresh, cuts }: Recovery): void {
  for (const { file, offset, bytes, why } of cuts) {
    const what =
      offset === 0
        ? `removes ${file} (${bytes} bytes)`
        : `cuts ${bytes} bytes of ${file} at byte ${offset}`;
    log.warn(`the journal ${what}: ${why}`);
  }
  log.info(`incarnation ${incarnation}, ${isFresh ? 'with a fresh journal' : 'with its journal'}`);
}
