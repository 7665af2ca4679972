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
  below,
  boolean,
  count,
  key,
  list,
  nullable,
  type Shape,
  struct,
  union,
  value,
  version,
} from '../../core/wire.js';
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

/** One key in one version, without its value. */
export interface KeyVersion {
  readonly key: Key;
  readonly version: Version;
}

/** The two digests of each leaf of one segment, flat: a0, b0, a1, b1, … */
export interface SegmentLeaves {
  readonly segment: number;
  readonly digests: readonly number[];
}

export interface LeafVersions {
  readonly leaf: number;
  /** False when the leaf was too large to list whole: a key that is not listed may be there all the same. */
  readonly complete: boolean;
  readonly versions: readonly KeyVersion[];
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
  | { readonly type: 'digest'; readonly round: number; readonly root: readonly number[] }
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

/** More than there are. */
const segment = below(2 ** 16);
const leaf = below(2 ** 20);
const numbers = list(count);
const entries = list(struct<StoredEntry>({ key, version, value: nullable(value) }));
const keyVersions = list(struct<KeyVersion>({ key, version }));

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
  handoff: { entries },
  handed: { entries: keyVersions },
  digest: { round: count, root: numbers },
  equal: { round: count },
  segments: { round: count, digests: numbers },
  leaves: {
    round: count,
    segments: list(struct<SegmentLeaves>({ segment, digests: numbers })),
  },
  versions: {
    round: count,
    leaves: list(struct<LeafVersions>({ leaf, complete: boolean, versions: keyVersions })),
    more: boolean,
  },
  exchange: { round: count, entries, wanted: list(key) },
  entries: { round: count, entries, more: boolean },
  propose: { round: count, tombstones: keyVersions },
  confirm: { round: count, refused: numbers },
  collect: { tombstones: keyVersions },
});
