/**
 * Clusters of real nodes: the functions that commands call. Everything here works on the state folder, pidfiles and
 * sockets of a cluster; nothing is kept in memory from one command to the next.
 */
import type { Millis, NodeId } from '../core/ids.js';
import type { LinkRules } from '../runtime/links/filter.js';
import type { ClusterSpec } from './spec.js';
import type { Cluster, Environment } from './state.js';

export { chooseCluster, chooseName, findCluster, listClusters, useCluster } from './state.js';

export interface UpOptions {
  /** Removes the data of a cluster of that name first. */
  readonly fresh: boolean;
  /** Aborting leaves nothing behind: no process, no socket, no folder that was not there before. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UpProgress) => void;
  readonly env?: Environment;
}

export interface UpProgress {
  readonly node: NodeId;
  readonly event: 'starting' | 'ready';
}

export interface UpReport {
  readonly cluster: Cluster;
  readonly outcome: 'created' | 'resumed' | 'already-up';
  readonly nodes: readonly NodeState[];
  readonly tookMs: Millis;
  /** What a user may want to know, one line each: a stale pidfile was cleaned away, … */
  readonly notes: readonly string[];
}

/** `dead`: stopped or killed on purpose, or never started. `failed`: it stopped by itself. */
export type NodeCondition = 'running' | 'paused' | 'dead' | 'failed';

export interface NodeState {
  readonly node: NodeId;
  readonly state: NodeCondition;
  /** With threads, the daemon's. `null` unless running or paused. */
  readonly pid: number | null;
  /** Milliseconds since 1970; `null` when unknown. */
  readonly since: Millis | null;
}

/** Each resolves when it has happened. They throw a `cluster` KvxError for an unknown node or an impossible step. */
export interface ClusterControl {
  start(node: NodeId): Promise<void>;
  kill(node: NodeId): Promise<void>;
  pause(node: NodeId): Promise<void>;
  resume(node: NodeId): Promise<void>;
  /** Kills it if it runs, then starts it. */
  restart(node: NodeId): Promise<void>;
  /** In the cluster's order. */
  states(): Promise<readonly NodeState[]>;
}

/** Starts a cluster, or resumes the data of one, and returns when every node answers. */
export function upCluster(_spec: ClusterSpec, _options: UpOptions): Promise<UpReport> {
  throw new Error('not yet');
}

export interface DownOptions {
  /** Removes its data, logs and settings too. */
  readonly wipe: boolean;
  readonly env?: Environment;
}

export interface DownReport {
  readonly wasUp: boolean;
  readonly wiped: boolean;
  readonly tookMs: Millis;
}

/**
 * Stops every node and removes sockets and pidfiles, however broken the cluster's state is; that is why it takes a
 * name (see `chooseName`). Throws a `cluster` KvxError when there is no such cluster.
 */
export function downCluster(_name: string, _options: DownOptions): Promise<DownReport> {
  throw new Error('not yet');
}

export function control(_cluster: Cluster): ClusterControl {
  throw new Error('not yet');
}

/** Stores the rules for nodes that start later, and hands them to every node that is up. */
export function setRules(_cluster: Cluster, _rules: LinkRules): Promise<void> {
  throw new Error('not yet');
}

export function currentRules(_cluster: Cluster): LinkRules {
  throw new Error('not yet');
}

/** Where a node serves clients and peers. */
export function socketPath(_cluster: Cluster, _node: NodeId): string {
  throw new Error('not yet');
}

/** The last lines of a node's log; empty when there is none. */
export function logTail(_cluster: Cluster, _node: NodeId, _lines: number): readonly string[] {
  throw new Error('not yet');
}
