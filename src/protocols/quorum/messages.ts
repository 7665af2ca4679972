/**
 * What replicas say to each other.
 *
 * Dynamo's paper (DeCandia et al., SOSP 2007) names the parts: a coordinator writes to and reads from the preference
 * list (section 4.5), hands hinted writes off (4.6), and compares Merkle trees (4.7). Everything that many clients may
 * cause in one turn travels in one message a peer: `write`, `ack`, `read` and `reply` carry lists.
 */
import type { Context, ProtocolTypes } from '../../core/replica.js';
import * as wire from '../../core/wire.js';
import { entry, keyVersion, leafVersions, segmentLeaves } from '../shared/leaf-exchange.js';
import { counter, stamped } from '../shared/number-guard.js';
import type { DurableRecord } from './records.js';

const { boolean, count, key, list, nullable, pair, struct, union, value } = wire;

/** Numbers one phase of one operation at its coordinator; a stamp of its clock, so never reused, even after a crash. */
export type PhaseNumber = number;
const phase = count;

/** The phase of a write that wants no answer (a read repair behind the answer). */
export const noAnswer: PhaseNumber = 0;

const write = struct({ phase, key, version: stamped, value: nullable(value) });
const ack = struct({
  phase,
  /** The stamp that the replica holds instead because it is newer; 0 when it took (or had) what was written. */
  newerStamp: counter,
});
const read = struct({
  phase,
  key,
  /** The version is enough: a value in the reply is empty (but still not `null`) to say that one is there. */
  versionOnly: boolean,
});
const reply = struct({
  phase,
  /** `null` when the replica holds nothing, not even a tombstone. */
  version: nullable(stamped),
  value: nullable(value),
});

export type Write = wire.Shaped<typeof write>;
/** The replica holds what was written, durably, or something newer. */
export type Ack = wire.Shaped<typeof ack>;
export type Read = wire.Shaped<typeof read>;
export type Reply = wire.Shaped<typeof reply>;

const round = count;

export const messageShape = union({
  // Coordinator and replicas.
  write: { writes: list(write) },
  ack: { acks: list(ack) },
  read: { reads: list(read) },
  reply: { replies: list(reply) },
  /** To oneself: this ceiling of the clock is durable now. */
  reserved: { ceiling: count },
  // Failure detection.
  heartbeat: {},
  // A replica that has lost its journal asks each peer for the greatest stamp that it has seen.
  rejoin: {},
  welcome: { stamp: counter },
  // Hinted handoff.
  handoff: { entries: list(entry) },
  handed: { entries: list(keyVersion) },
  // Anti-entropy, in the order of one exchange; `digest`, `leaves`, `exchange` come from the one who began it.
  digest: { round, root: pair(count, count) },
  equal: { round },
  segments: { round, digests: list(count) },
  leaves: { round, segments: list(segmentLeaves) },
  /** `more`: there was more to list than one message holds. */
  versions: { round, leaves: list(leafVersions), more: boolean },
  exchange: { round, entries: list(entry), wanted: list(key) },
  entries: { round, entries: list(entry), more: boolean },
  // Collecting tombstones.
  propose: { round, tombstones: list(keyVersion) },
  /** `refused`: places in the proposal that this node does not confirm. */
  confirm: { round, refused: list(count) },
  collect: { tombstones: list(keyVersion) },
});

export type Message = wire.Shaped<typeof messageShape>;
/** The message of one type. */
export type Of<T extends Message['type']> = Extract<Message, { readonly type: T }>;

export type Timer = 'heartbeat' | 'sweep' | 'handoff' | 'anti-entropy' | 'collection';

export interface Quorum extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<Quorum>;
