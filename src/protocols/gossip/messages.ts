/**
 * What replicas say to each other.
 *
 * `rumour` is Demers et al.'s rumour mongering (Epidemic Algorithms for Replicated Database Maintenance, PODC 1987,
 * section 1.4); `digest` to `entries` are one comparison of their anti-entropy (section 1.3); `wave`, `decline` and `echo`
 * are the echo algorithm (Chang 1982) behind `stabilize`.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { Context, ProtocolTypes, StoredEntry } from '../../core/replica.js';
import {
  boolean,
  count,
  duration,
  key,
  list,
  name,
  nullable,
  oneOf,
  pair,
  type Shape,
  struct,
  union,
} from '../../core/wire.js';
import type { Digest, SegmentLeaves } from '../shared/digest-tree.js';
import {
  entriesShape,
  type KeyVersion,
  keyVersionsShape,
  type LeafVersions,
  leafVersionsShape,
  segmentLeavesShape,
} from '../shared/leaf-exchange.js';
import {
  type DurableRecord,
  type Horizon,
  horizonShape,
  type MemberChange,
  memberShape,
} from './records.js';

/** How far nodes know each other's writes; see `knowledge.ts`. */
export interface KnowledgeReport {
  /** Whose membership this is about. */
  readonly view: Digest;
  /** By origin: the sender has all its writes up to this stamp. */
  readonly vector: readonly (readonly [NodeId, number])[];
  /** By member: it has all members' writes up to this stamp. */
  readonly floors: readonly (readonly [NodeId, number])[];
  readonly horizon: Horizon | null;
}

/** One `stabilize`: attempts of one root ascend, also over its crashes. */
export interface WaveId {
  readonly root: NodeId;
  readonly number: number;
}

/** What a parent says: gather from below; take what the root has and pass it on; it is over. */
export type WavePhase = 'gather' | 'spread' | 'done';

/** How far the subtree of a child is: in the tree; ready to be gathered; holding what the root had; broken. */
export type EchoPhase = 'joined' | 'gathered' | 'settled' | 'lost';

export type Message =
  | { readonly type: 'rumour'; readonly entries: readonly StoredEntry[] }
  // One comparison; `digest`, `leaves` and `exchange` come from the one who began it.
  | {
      readonly type: 'digest';
      readonly round: number;
      readonly root: Digest;
      readonly view: Digest;
      readonly knowledge: KnowledgeReport | null;
    }
  | {
      readonly type: 'equal';
      readonly round: number;
      readonly knowledge: KnowledgeReport | null;
    }
  /** Segments that are not empty, flat: index, a, b, index, a, b, … */
  | {
      readonly type: 'segments';
      readonly round: number;
      readonly digests: readonly number[];
      readonly knowledge: KnowledgeReport | null;
    }
  | {
      readonly type: 'leaves';
      readonly round: number;
      readonly segments: readonly SegmentLeaves[];
    }
  | {
      readonly type: 'versions';
      readonly round: number;
      readonly leaves: readonly LeafVersions[];
      /** True when there was more to list than one message holds. */
      readonly more: boolean;
    }
  | {
      readonly type: 'exchange';
      readonly round: number;
      readonly entries: readonly StoredEntry[];
      readonly wanted: readonly Key[];
      /** What the receiver holds although it was deleted, and the delete collected. */
      readonly obsolete: readonly KeyVersion[];
    }
  | {
      readonly type: 'entries';
      readonly round: number;
      readonly entries: readonly StoredEntry[];
      readonly obsolete: readonly KeyVersion[];
      readonly more: boolean;
    }
  | { readonly type: 'members'; readonly changes: readonly MemberChange[] }
  // A node that has lost its journal asks how far others have seen its numbers.
  | { readonly type: 'rejoin' }
  | {
      readonly type: 'welcome';
      /** It is not copying itself. */
      readonly isWhole: boolean;
      readonly stamp: number;
      readonly serial: number;
    }
  // A wave of `stabilize`.
  | {
      readonly type: 'wave';
      readonly wave: WaveId;
      readonly phase: WavePhase;
      /** Counted by the root, so that a tree that has lost its root knows it, whoever else is alive. */
      readonly beat: number;
      /** How long silent neighbours are waited for in this attempt. */
      readonly patienceMs: Millis;
    }
  /** The sender is in the tree already, under another parent. */
  | { readonly type: 'decline'; readonly wave: WaveId }
  | {
      readonly type: 'echo';
      readonly wave: WaveId;
      readonly phase: EchoPhase;
      /** Of the whole subtree, once it is settled. */
      readonly nodes: readonly NodeId[];
      /** Sent so far in the whole subtree, for this wave. */
      readonly messages: number;
    };

export type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

export type Timer = 'gossip' | 'wave' | 'push';

export interface Gossip extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<Gossip>;

const digest: Shape<Digest> = pair(count, count);
const round = count;
const stamps = list(pair(name, count));
const knowledge = nullable(
  struct<KnowledgeReport>({
    view: digest,
    vector: stamps,
    floors: stamps,
    horizon: nullable(horizonShape),
  }),
);
const wave = struct<WaveId>({ root: name, number: count });

export const messageShape: Shape<Message> = union<Message>({
  rumour: { entries: entriesShape },
  digest: { round, root: digest, view: digest, knowledge },
  equal: { round, knowledge },
  segments: { round, digests: list(count), knowledge },
  leaves: { round, segments: segmentLeavesShape },
  versions: { round, leaves: leafVersionsShape, more: boolean },
  exchange: { round, entries: entriesShape, wanted: list(key), obsolete: keyVersionsShape },
  entries: { round, entries: entriesShape, obsolete: keyVersionsShape, more: boolean },
  members: { changes: list(memberShape) },
  rejoin: {},
  welcome: { isWhole: boolean, stamp: count, serial: count },
  wave: { wave, phase: oneOf('gather', 'spread', 'done'), beat: count, patienceMs: duration },
  decline: { wave },
  echo: {
    wave,
    phase: oneOf('joined', 'gathered', 'settled', 'lost'),
    nodes: list(name),
    messages: count,
  },
});
