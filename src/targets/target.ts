/** A cluster that a script works on, whatever it runs on: real nodes, or the simulator on virtual time. */
import type { Endpoint, Timing } from '../client/endpoint.js';
import type { ClusterControl, NodeState } from '../cluster/cluster.js';
import type { ClusterSpec, RuntimeName } from '../config/spec.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { LinkRules } from '../faults/link-rules.js';

/** Where a script may run. */
export const targetRuntimes = ['sim', 'threads', 'processes'] as const;
export type TargetRuntime = 'sim' | RuntimeName;

/** What became of a call to {@link Target.up}; the same words as `cluster up` has. */
export interface TargetReport {
  readonly outcome: 'created' | 'resumed' | 'already-up';
  readonly nodes: readonly NodeState[];
  readonly tookMs: Millis;
  /** What a user may want to know, one line each. */
  readonly notes: readonly string[];
}

export interface TargetUpOptions {
  /** Wipes what an earlier cluster has left. */
  readonly fresh?: boolean;
}

/** One cluster at a time. All of it throws `KvxError`s, those that `src/cluster` throws. */
export interface Target {
  readonly runtime: TargetRuntime;
  readonly timing: Timing;
  /** `null` while no cluster is up. Its `nodes` are those that are members now, its name and runtime the target's own. */
  readonly spec: ClusterSpec | null;
  /**
   * Starts a cluster, or resumes the one that {@link down} has stopped, and returns when every node answers. Name and
   * runtime of `spec` are disregarded.
   */
  up(spec: ClusterSpec, options?: TargetUpOptions): Promise<TargetReport>;
  /** Stops the cluster; its data stays for the next {@link up}. */
  down(): Promise<void>;
  /** Every node's, in the cluster's order. */
  endpoints(): readonly Endpoint[];
  readonly control: ClusterControl;
  rules(): LinkRules;
  setRules(rules: LinkRules): Promise<void>;
  /** Without a name, the first that is free. */
  addNode(name?: NodeId): Promise<NodeId>;
  /** `force`: also when it can't hand over what it alone may hold. */
  removeNode(node: NodeId, force: boolean): Promise<void>;
  /** Takes the cluster down and removes what it left, if this target started it. Never throws; more calls do nothing. */
  close(): Promise<void>;
}

/** Of what needs a cluster, while none is up. */
export function noCluster(): KvxError {
  return new KvxError('no cluster is up', {
    code: 'cluster',
    definite: true,
    hint: 'Start one with `cluster up`.',
  });
}
