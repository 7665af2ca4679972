import { statfsSync } from 'node:fs';
import { definiteError, KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { NodeOrder, NodeState } from '../host/control-frames.js';
import { lastWordsOf } from '../state/last-words.js';
import { tailOf } from '../state/log.js';
import { type Cluster, logFile } from '../state/state.js';
import type { OnReady, StartKind } from './detached.js';
import { failureInWords, type NodeFailure } from './startup.js';

/**
 * How the nodes of one cluster are started and stopped. One implementation a runtime. Each order is carried out when its promise
 * resolves; who runs is not started again, and who is dead is not killed again.
 */
export interface NodeRunner extends Record<NodeOrder, (node: NodeId) => Promise<void>> {
  /**
   * Starts every node of a cluster that is down. Throws {@link StartError} when one fails, with `some` when none starts: then,
   * or when `signal` aborts, none is left running. Returns what was wrong with those that the others start without.
   */
  startAll(kind: StartKind, signal: AbortSignal, onReady: OnReady): Promise<readonly NodeFailure[]>;
  /** In the cluster's order. */
  states(): Promise<readonly NodeState[]>;
}

const tailLines = 8;
/** So little is left when whatever needs more has failed. */
const fullBytes = 64 * 1024;

export interface ExplainedFailure extends NodeFailure {
  /** The end of the node's log. */
  readonly log: readonly string[];
}

/** One or more nodes did not start. `failures` has the end of each one's log. */
export class StartError extends KvxError {
  readonly failures: readonly ExplainedFailure[];

  constructor(cluster: Cluster, failures: readonly NodeFailure[]) {
    const { nodes } = cluster.record;
    const first = failures[0] as NodeFailure;
    const others =
      failures.length > 1 ? ` (and ${failures.length - 1} of ${nodes.length} more)` : '';
    super(`${first.node} did not start: ${first.message}${others}`, {
      code: 'cluster',
      definite: true,
      hint: first.hint ?? `Its log is ${logFile(cluster.folder, first.node)}.`,
    });
    this.failures = failures.map((failure) => ({
      ...failure,
      log: tailOf(logFile(cluster.folder, failure.node), tailLines),
    }));
  }
}

/** Why a node does not run, as far as it is known. `unsaid`: why, when it has said nothing itself. */
export function explainState(
  { folder }: Pick<Cluster, 'folder'>,
  seen: NodeState,
  unsaid = 'killed from outside, or short of memory',
): NodeState {
  if (seen.state !== 'failed' || seen.why !== null) return seen;
  const words = lastWordsOf(folder, seen.node);
  const why =
    words === null
      ? `it ended without a word: ${isFull(folder) ? 'the disk is full' : unsaid}`
      : failureInWords(words);
  return { ...seen, why };
}

/** A process that finds no room to start has none to say so to whoever asks later. */
function isFull(folder: string): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < fullBytes;
}

/** Throws for nodes that did not start, unless the others may stay without them; then returns them. */
export function checkStarts(
  cluster: Cluster,
  kind: StartKind,
  failures: readonly NodeFailure[],
): readonly NodeFailure[] {
  const { length } = cluster.record.nodes;
  if (failures.length === 0 || (kind === 'some' && failures.length < length)) return failures;
  throw new StartError(cluster, failures);
}

export const cannot = (step: string, node: NodeId, state: NodeState['state']): KvxError =>
  definiteError(
    'cluster',
    `can't ${step} ${node}: it is ${state}`,
    `Start it with \`kvx node restart ${node}\`.`,
  );
