/** What operations are done to: a cluster, whatever it runs on. */
import type { Endpoint, Timing } from '../client/endpoint.js';
import type { Session } from '../client/session.js';
import type { ClusterControl } from '../cluster/cluster.js';
import type { DownReport } from '../cluster/down.js';
import type { ChangeReport } from '../cluster/membership.js';
import type { MetricsPlace, RespPlace } from '../cluster/node-ports.js';
import type { PendingChange } from '../cluster/pending-change.js';
import type { RejoinReport } from '../cluster/rejoin.js';
import type { UpReport } from '../cluster/up.js';
import type { ClusterSpec, RuntimeName } from '../config/spec.js';
import { KvxError, usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { TraceData } from '../core/trace-event.js';
import type { ActiveFault, FaultsChange } from '../faults/active.js';
import type { LinkRules } from '../faults/link-rules.js';
import type { FaultListener } from '../history/faults.js';
import type { MetricFamily } from '../runtime/metrics/family.js';

/** Where a script may run. */
export const targetRuntimes = ['sim', 'threads', 'processes'] as const;
export type TargetRuntime = 'sim' | RuntimeName;

/** What not every target can. An operation says which of them it needs, and is refused by name where they are missing. */
export type Capability =
  | 'show what each node holds'
  | 'cut links'
  | 'make nodes fail to answer'
  | 'kill and restart nodes'
  | 'pause nodes'
  | 'cut the power of nodes'
  | 'kill nodes at a moment'
  | 'damage disks'
  | 'add and remove nodes'
  | 'keep the data of removed nodes'
  | 'bring back nodes that lost their data'
  | 'take Redis clients'
  | 'be scraped'
  | 'be measured';

/** The cluster that is up. `nodes` are those that are members now. */
export interface TargetSpec extends ClusterSpec {
  readonly change?: PendingChange;
  /** Its first nodes, if others came; and those whose names are not given again. */
  readonly founders?: readonly NodeId[];
  readonly retired?: readonly NodeId[];
}

/** What became of a call to {@link Target.up}. */
export interface TargetReport extends Omit<UpReport, 'cluster'> {
  /** Where its state is kept; `null`: nowhere. */
  readonly folder: string | null;
}

export interface TargetUpOptions {
  /** Wipes what an earlier cluster has left. */
  readonly fresh?: boolean;
  /** Another node answers. */
  readonly onReady?: (node: NodeId) => void;
}

/** A node with a planted mistake has met what can't be without it: no bug of kvx, but what the mistake leads to. */
export class ImpossibleState extends Error {
  override readonly name = 'ImpossibleState';
}

/** How long nodes may take to agree on a change, unless it is said. */
export const changeMsDefault: Millis = 30_000;

export interface NodeChangeOptions {
  readonly timeoutMs?: Millis;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
  /** Removing: also when it can't hand over what it alone may hold. */
  readonly force?: boolean;
  /** Removing: its data and its log. */
  readonly keep?: boolean;
}

/** Sessions by name. */
export interface SessionStore {
  /** `null` when there is none of that name yet. Throws `bad-request` unless a session may be called so. */
  load(name: string): Session | null;
  /** It has begun; what it sees is kept by {@link keep}. */
  begin(name: string, session: Session): unknown;
  /** What it has seen now, to be called when an operation has succeeded. */
  keep(name: string, session: Session): Promise<void>;
  has(name: string): boolean;
}

export interface NodeCounts {
  /** From node to node. */
  readonly messages: number;
  /** Of journals. */
  readonly syncs: number;
}

/** One cluster at a time. All of it throws `KvxError`s, those that `src/cluster` throws. */
export interface Target {
  /** The cluster's, whether it is up or not. */
  readonly name: string;
  readonly runtime: TargetRuntime;
  readonly capabilities: readonly Capability[];
  readonly timing: Timing;
  /** The true time since 1970, as nodes would read it if nothing were wrong with their clocks. */
  wallClock(): Millis;
  /** `null` while no cluster is up. */
  readonly spec: TargetSpec | null;
  /**
   * Starts a cluster, or resumes the one that {@link down} has stopped, and returns when every node answers. Name and
   * runtime of `spec` are disregarded by targets that have their own.
   */
  up(spec: ClusterSpec, options?: TargetUpOptions): Promise<TargetReport>;
  /** Stops the cluster; its data stays for the next {@link up}, unless they are wiped. */
  down(options?: { readonly wipe: boolean }): Promise<DownReport>;
  /** Every node's, in the cluster's order. */
  endpoints(): readonly Endpoint[];
  /** Where nodes listen for Redis clients; absent: nowhere. */
  readonly respPlaces?: readonly RespPlace[];
  /** Where nodes are scraped; absent: nowhere. */
  readonly metricsPlaces?: readonly MetricsPlace[];
  /** What a node has counted and measured; absent: they can't be asked. */
  metricsOf?(node: NodeId, timeoutMs: Millis): Promise<readonly MetricFamily[]>;
  readonly control: ClusterControl;
  /** What is broken on purpose now. */
  faults(): readonly ActiveFault[];
  /** Nobody else changes them meanwhile. Nothing is ever broken that the list does not say. */
  changeFaults(change: FaultsChange): Promise<void>;
  /**
   * Tells what is broken on purpose now, and from then on all that begins and ends, whoever does it: faults, and nodes that
   * are killed or paused. Returns what ends it. Keeps no process alive.
   */
  watchFaults(listener: FaultListener): Promise<() => void>;
  /** What links do by all of it. */
  rules(): LinkRules;
  /** Runs `work`. Throws a definite `cluster` while anybody else does so on the same cluster. */
  asOnlyNemesis<T>(work: () => Promise<T>): Promise<T>;
  /** Without a name, the first that is free. */
  addNode(name: NodeId | null, options?: NodeChangeOptions): Promise<ChangeReport>;
  removeNode(node: NodeId, options?: NodeChangeOptions): Promise<ChangeReport>;
  rejoinNode(node: NodeId, options?: NodeChangeOptions): Promise<RejoinReport>;
  /** Adds to its trace what is no node's doing; absent: nodes of their own write it down. */
  readonly tellTrace?: (data: TraceData) => void;
  /** What nodes have decided otherwise than others, in words; absent: nobody can see that. */
  readonly contradictions?: readonly string[];
  /** Of all that has happened so far; absent where it is another each time. */
  readonly traceHash?: string;
  /** Sessions that outlive who asks; `null`: there are none here. */
  readonly sessions: SessionStore | null;
  /** What its nodes have done since they were made, real ones in this life; `null`: not all of them say. */
  counts(): Promise<NodeCounts | null>;
  /** The error with what is known here of why it came to that. */
  explain(error: unknown): unknown;
  /** Takes the cluster down and removes what it left, if this target started it. Never throws; more calls do nothing. */
  close(): Promise<void>;
}

/** `pid`: whose it is, where that is known. */
export function anotherNemesis(pid: number | null): KvxError {
  const whose = pid === null ? '' : ` (pid ${pid})`;
  return new KvxError(`another nemesis${whose} is at work on this cluster`, {
    code: 'cluster',
    definite: true,
    hint: 'Stop it first, or name several nemeses to one command.',
  });
}

/** Of what needs a cluster, while none is up. */
export function noCluster(): KvxError {
  return new KvxError('no cluster is up', {
    code: 'cluster',
    definite: true,
    hint: 'Start one with `cluster up`.',
  });
}

const kinds: Readonly<Record<TargetRuntime, string>> = {
  sim: 'a simulated cluster',
  threads: 'a cluster on threads',
  processes: 'a cluster on processes',
};

/** Throws a definite `bad-request` that names what is missing. */
export function checkCapable(
  { runtime, capabilities }: Target,
  what: string,
  needed: readonly Capability[],
): void {
  const missing = needed.find((each) => !capabilities.includes(each));
  if (missing === undefined) return;
  const hint =
    runtime === 'sim'
      ? 'Real nodes can: --runtime threads.'
      : 'The simulator can: kvx run --runtime sim.';
  throw usageError(`\`${what}\` is not for ${kinds[runtime]}: it can't ${missing}`, hint);
}
