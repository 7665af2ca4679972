/**
 * What replicas say to each other.
 *
 * Dynamo's paper (DeCandia et al., SOSP 2007) names the parts: a coordinator writes to and reads from the preference
 * list (section 4.5), hands hinted writes off (4.6), and compares Merkle trees (4.7). Everything that many clients may
 * cause in one turn travels in one message a peer: `write`, `ack`, `read` and `reply` carry lists.
 */
import type { Key } from '../../core/key.js';
import type { Context, ProtocolTypes, StoredEntry } from '../../core/replica.js';
import type { Version } from '../../core/version.js';
import {
  boolean,
  count,
  key,
  list,
  nullable,
  pair,
  type Shape,
  struct,
  union,
  value,
  version,
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
import type { DurableRecord } from './records.js';

/** Numbers one phase of one operation at its coordinator; a stamp of its clock, so never reused, even after a crash. */
export type PhaseNumber = number;

/** The phase of a write that wants no answer (a read repair behind the answer). */
export const noAnswer: PhaseNumber = 0;

export interface Write extends StoredEntry {
  readonly phase: PhaseNumber;
}

/** The replica holds what was written, durably, or something newer. */
export interface Ack {
  readonly phase: PhaseNumber;
  /** The stamp that the replica holds instead because it is newer; 0 when it took (or had) what was written. */
  readonly newerStamp: number;
}

export interface Read {
  readonly phase: PhaseNumber;
  readonly key: Key;
  /** The version is enough: a value in the reply is empty (but still not `null`) to say that one is there. */
  readonly versionOnly: boolean;
}

export interface Reply {
  readonly phase: PhaseNumber;
  /** `null` when the replica holds nothing, not even a tombstone. */
  readonly version: Version | null;
  readonly value: Uint8Array | null;
}

export type Message =
  // Coordinator and replicas.
  | { readonly type: 'write'; readonly writes: readonly Write[] }
  | { readonly type: 'ack'; readonly acks: readonly Ack[] }
  | { readonly type: 'read'; readonly reads: readonly Read[] }
  | { readonly type: 'reply'; readonly replies: readonly Reply[] }
  /** To oneself: this ceiling of the clock is durable now. */
  | { readonly type: 'reserved'; readonly ceiling: number }
  // Failure detection.
  | { readonly type: 'heartbeat' }
  // A replica that has lost its journal asks each peer for the greatest stamp that it has seen.
  | { readonly type: 'rejoin' }
  | { readonly type: 'welcome'; readonly stamp: number }
  // Hinted handoff.
  | { readonly type: 'handoff'; readonly entries: readonly StoredEntry[] }
  | { readonly type: 'handed'; readonly entries: readonly KeyVersion[] }
  // Anti-entropy, in the order of one exchange; `digest`, `leaves`, `exchange` come from the one who began it.
  | { readonly type: 'digest'; readonly round: number; readonly root: Digest }
  | { readonly type: 'equal'; readonly round: number }
  | { readonly type: 'segments'; readonly round: number; readonly digests: readonly number[] }
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
    }
  | {
      readonly type: 'entries';
      readonly round: number;
      readonly entries: readonly StoredEntry[];
      readonly more: boolean;
    }
  // Collecting tombstones.
  | {
      readonly type: 'propose';
      readonly round: PhaseNumber;
      readonly tombstones: readonly KeyVersion[];
    }
  /** `refused`: places in the proposal that this node does not confirm. */
  | { readonly type: 'confirm'; readonly round: PhaseNumber; readonly refused: readonly number[] }
  | { readonly type: 'collect'; readonly tombstones: readonly KeyVersion[] };

export type Timer = 'heartbeat' | 'sweep' | 'handoff' | 'anti-entropy' | 'collection';

export interface Quorum extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<Quorum>;

const numbers = list(count);

export const messageShape: Shape<Message> = union<Message>({
  write: { writes: list(struct<Write>({ phase: count, key, version, value: nullable(value) })) },
  ack: { acks: list(struct<Ack>({ phase: count, newerStamp: count })) },
  read: { reads: list(struct<Read>({ phase: count, key, versionOnly: boolean })) },
  reply: {
    replies: list(
      struct<Reply>({ phase: count, version: nullable(version), value: nullable(value) }),
    ),
  },
  reserved: { ceiling: count },
  heartbeat: {},
  rejoin: {},
  welcome: { stamp: count },
  handoff: { entries: entriesShape },
  handed: { entries: keyVersionsShape },
  digest: { round: count, root: pair(count, count) },
  equal: { round: count },
  segments: { round: count, digests: numbers },
  leaves: { round: count, segments: segmentLeavesShape },
  versions: { round: count, leaves: leafVersionsShape, more: boolean },
  exchange: { round: count, entries: entriesShape, wanted: list(key) },
  entries: { round: count, entries: entriesShape, more: boolean },
  propose: { round: count, tombstones: keyVersionsShape },
  confirm: { round: count, refused: numbers },
  collect: { tombstones: keyVersionsShape },
});
