/**
 * What replicas say to each other.
 *
 * `rumour` is Demers et al.'s rumour mongering (Epidemic Algorithms for Replicated Database Maintenance, PODC 1987,
 * section 1.4); `digest` to `entries` are one comparison of their anti-entropy (section 1.3); `wave`, `decline` and `echo`
 * are the echo algorithm (Chang 1982) behind `stabilize`.
 */
import type { Context, ProtocolTypes } from '../../core/replica.js';
import * as wire from '../../core/wire.js';
import { entry, keyVersion, leafVersions, segmentLeaves } from '../shared/leaf-exchange.js';
import { counter } from '../shared/number-guard.js';
import { type DurableRecord, horizon, memberChange } from './records.js';

const { boolean, count, counted, duration, key, list, name, nullable, oneOf, pair, struct, union } =
  wire;

const digest = pair(count, count);
const stamps = list(pair(name, counter));

/** How far nodes know each other's writes; see `knowledge.ts`. */
const report = struct({
  /** Whose membership this is about. */
  view: digest,
  /** By origin: the sender has all its writes up to this stamp. */
  vector: stamps,
  /** By member: it has all members' writes up to this stamp. */
  floors: stamps,
  horizon: nullable(horizon),
});
export type KnowledgeReport = wire.Shaped<typeof report>;

/** One `stabilize`: attempts of one root ascend, also over its crashes. */
const wave = struct({ root: name, number: counter });
export type WaveId = wire.Shaped<typeof wave>;

/** What a parent says: gather from below; take what the root has and pass it on; it is over. */
const wavePhase = oneOf('gather', 'spread', 'done');
export type WavePhase = wire.Shaped<typeof wavePhase>;

/** How far the subtree of a child is: in the tree; ready to be gathered; holding what the root had; broken. */
const echoPhase = oneOf('joined', 'gathered', 'settled', 'lost');
export type EchoPhase = wire.Shaped<typeof echoPhase>;

const round = count;
const knowledge = nullable(report);

export const messageShape = union({
  /** `told`: other peers that have all of these, as far as the sender knows. */
  rumour: { entries: list(entry), told: list(name) },
  // One comparison; `digest`, `leaves` and `exchange` come from the one who began it.
  digest: { round, root: digest, view: digest, knowledge },
  equal: { round, knowledge },
  /** Segments that are not empty, flat: index, a, b, index, a, b, … */
  segments: { round, digests: list(count), knowledge },
  leaves: { round, segments: list(segmentLeaves) },
  /** `more`: there was more to list than one message holds. */
  versions: { round, leaves: list(leafVersions), more: boolean },
  /** `obsolete`: what the receiver holds although it was deleted, and the delete collected. */
  exchange: { round, entries: list(entry), wanted: list(key), obsolete: list(keyVersion) },
  entries: { round, entries: list(entry), obsolete: list(keyVersion), more: boolean },
  members: { changes: list(memberChange) },
  // A node that has lost its journal asks how far others have seen its numbers.
  rejoin: {},
  /** `isWhole`: it is not copying itself. */
  welcome: { isWhole: boolean, stamp: counter, serial: counter },
  // A wave of `stabilize`.
  wave: {
    wave,
    phase: wavePhase,
    /** Counted by the root, so that a tree that has lost its root knows it, whoever else is alive. */
    beat: count,
    /** How long silent neighbours are waited for in this attempt. */
    patienceMs: duration,
  },
  /** The sender is in the tree already, under another parent. */
  decline: { wave },
  echo: {
    wave,
    phase: echoPhase,
    /** Of the whole subtree, once it is settled. */
    nodes: list(name),
    /** Sent so far in the whole subtree, for this wave. Those of many subtrees are added up. */
    messages: counted(count, 2 ** 10),
  },
});

export type Message = wire.Shaped<typeof messageShape>;
export type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

export type Timer = 'gossip' | 'wave' | 'push';

export interface Gossip extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<Gossip>;
