/** Faults as data: what goes wrong in a cluster, when and for how long. */
import type { Millis, NodeId } from '../core/ids.js';
import type { NodeFaults } from './active.js';
import type { LinkRules } from './link-rules.js';

/** `kill`: the process is gone, the operating system lives. `power`: all that was not synced is at risk. */
export type CrashKind = 'kill' | 'power';

/**
 * When a node dies that is to: in the middle of what it says next to several others; or right after it has answered or sent
 * something while it has records that are not durable.
 */
export const crashMoments = ['sending', 'unsynced'] as const;
export type CrashMoment = (typeof crashMoments)[number];

export type Fault = FaultKind & {
  /** What a swarm has drawn it as, maybe with others: they share this object. */
  readonly drawn?: { readonly kind: FaultName };
  readonly atMs: Millis;
  /** Instead of its node it happens to whoever leads by then, if somebody does. */
  readonly atLeader?: boolean;
  /** Instead of its node it happens to the next to lead whom no such fault has hit yet, as soon as somebody does. */
  readonly atNextLeader?: boolean;
  /** It waits for a while until its node has something under way. */
  readonly whenBusy?: boolean;
  /** When it ends by itself: the node restarts or goes on, the link heals. A clock that jumped stays. */
  readonly forMs: Millis;
};

export type FaultKind =
  | {
      readonly type: 'crash';
      readonly node: NodeId;
      readonly how: CrashKind;
      /** Not at once, but in the middle of what it sends next: some of the others get it. */
      readonly isMidway?: boolean;
    }
  /** A power cut right after the node answered a client, or sent something, while it had records that were not durable. */
  | { readonly type: 'untimely power cut'; readonly node: NodeId }
  | { readonly type: 'pause'; readonly node: NodeId }
  | { readonly type: 'links'; readonly rules: Partial<LinkRules> }
  /** What it sends to these meanwhile arrives when that ends, even if it has crashed or stopped by then. */
  | { readonly type: 'stall'; readonly node: NodeId; readonly to: readonly NodeId[] }
  /** Cut off from all others. */
  | { readonly type: 'isolate'; readonly node: NodeId }
  /** A node that its disk has stopped starts when that is over. */
  | { readonly type: 'node'; readonly node: NodeId; readonly faults: Partial<NodeFaults> }
  /** The node is killed, and a byte of what it had made durable is flipped. */
  | { readonly type: 'rot'; readonly node: NodeId }
  /** No fault: somebody adds a node, or removes one. */
  | { readonly type: 'add node' }
  | { readonly type: 'remove node'; readonly node: NodeId };

export const faultNames = [
  'kill',
  'power cut',
  'untimely power cut',
  'blackout',
  'pause',
  'one-way cut',
  'isolation',
  'absence',
  'split',
  'flapping',
  'stall',
  'delay',
  'loss',
  'duplication',
  'stragglers',
  'clock jump',
  'slow disk',
  'failing syncs',
  'full disk',
  'rot',
  'add node',
  'remove node',
  'takeovers',
] as const;

/** What a person calls the faults that a swarm draws from. */
export type FaultName = (typeof faultNames)[number];

/** Those that end a node's process. */
export const deadlyFaults: ReadonlySet<FaultName> = new Set<FaultName>([
  ...(['kill', 'power cut', 'untimely power cut', 'blackout'] as const),
  ...(['failing syncs', 'full disk', 'rot'] as const),
]);
