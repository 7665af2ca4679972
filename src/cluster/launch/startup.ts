/**
 * What is said between a launcher and what it starts, over a process's IPC channel: when to begin, how it goes, and
 * whether to go on afterwards.
 *
 * A child touches nothing before it is told to begin, which it is once its launcher, who holds the cluster's lock, has
 * written its pidfile: otherwise a child of a launcher that died could come to life beside its own successor and write
 * into the same journal. A child that has not been told to carry on when the channel breaks stops by itself.
 */
import { KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { ChannelEnd } from '../../node/ring-link.js';

export interface NodeFailure {
  readonly node: NodeId;
  readonly message: string;
  readonly hint: string | null;
}

export type Startup =
  /** `note`: what a user should hear of it. */
  | { readonly type: 'node-ready'; readonly node: NodeId; readonly note: string | null }
  /** Everything that was asked for is ready, but for these nodes of a process that has several. */
  | { readonly type: 'ready'; readonly without: readonly NodeFailure[] }
  | { readonly type: 'failed'; readonly failures: readonly NodeFailure[] };

/** Why a process ends that its launcher has not let go. */
export const launcherGone = 'its launcher went away before it was ready';

export type StartOrder = { readonly type: 'begin' } | { readonly type: 'carry-on' };

export function failureOf(node: NodeId, error: unknown): NodeFailure {
  if (error instanceof KvxError) return { node, message: error.message, hint: error.hint ?? null };
  return { node, message: error instanceof Error ? error.message : String(error), hint: null };
}

/** Why, and what to do. */
export const failureInWords = ({ message, hint }: Omit<NodeFailure, 'node'>): string =>
  [message, ...(hint === null ? [] : [hint])].join('. ');

/** What the daemon gives a node's worker thread to begin with. They talk in plain objects: both are the same program. */
export interface WorkerData {
  /** The cluster's folder. */
  readonly folder: string;
  readonly node: NodeId;
  /** One 32-bit cell: while it is 1 the thread stands still, as a stopped process does; 2: it has closed its node. */
  readonly pauseFlag: SharedArrayBuffer;
  /** By which its peers wake it. */
  readonly doorbell: SharedArrayBuffer;
}

export type WorkerOrder =
  /** From now on this is the channel to that peer. */
  | { readonly type: 'connect'; readonly peer: NodeId; readonly end: ChannelEnd }
  /** That peer has started, so many times by now. */
  | { readonly type: 'meet'; readonly peer: NodeId; readonly incarnation: number }
  /** Stand still as long as the flag says so. */
  | { readonly type: 'pause' }
  | { readonly type: 'stop' };

export type WorkerReport =
  | { readonly type: 'ready'; readonly incarnation: number; readonly note: string | null }
  /** It ends. Said here, too, for want of room on a full disk. */
  | { readonly type: 'failed'; readonly failure: NodeFailure }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' };
