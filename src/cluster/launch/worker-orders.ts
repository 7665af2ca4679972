/** What is said between the daemon and a node's worker thread, as plain objects: both are the same program. */
import type { NodeId } from '../../core/ids.js';
import type { ChannelEnd } from '../../node/port-link.js';
import type { NodeFailure } from './startup.js';

export interface WorkerData {
  /** The cluster's folder. */
  readonly folder: string;
  readonly node: NodeId;
  /** One 32-bit cell: while it is 1 the thread stands still, as a stopped process does. */
  readonly pauseFlag: SharedArrayBuffer;
}

export type WorkerOrder =
  /** From now on this is the channel to that peer. */
  | { readonly type: 'connect'; readonly peer: NodeId; readonly end: ChannelEnd }
  /** That peer has started, so many times by now. */
  | { readonly type: 'meet'; readonly peer: NodeId; readonly incarnation: number }
  /** Stand still as long as the flag says so. */
  | { readonly type: 'pause' };

export type WorkerReport =
  | { readonly type: 'ready'; readonly incarnation: number; readonly note: string | null }
  | { readonly type: 'failed'; readonly failure: NodeFailure }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' };
