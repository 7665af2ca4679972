/**
 * The one interface that everything else hangs on.
 *
 * A protocol is a pure actor: it gets an input (a message, a client's request, a timer that fired), changes its own
 * state and says what should happen (send, reply, persist, set a timer). It reads no clock, opens no socket, awaits
 * nothing. The runtime around it is the same in production and in the simulator.
 *
 * **A turn** is: hand the waiting inputs to the actor one by one, call `onTurnEnd`, start making durable what was
 * persisted, and let the sends and replies of the turn go once *everything persisted so far* is durable. So an actor
 * may persist, change its state and reply in one breath: nobody hears of it before it is safe.
 */
import type { Millis, NodeId, RequestId } from './ids.js';
import type { Key } from './key.js';
import type { ClientRequest, ClientResult } from './operation.js';
import type { ProtocolEvent } from './protocol-event.js';
import type { Random } from './random.js';
import type { Version } from './version.js';
import type { Shape } from './wire.js';

export interface ProtocolTypes {
  /** Replica to replica: a discriminated union. */
  readonly message: { readonly type: string };
  /** What must survive a crash. */
  readonly record: { readonly type: string };
  /** A closed set of names, one pending timer each. */
  readonly timer: string;
}

export interface Replica<P extends ProtocolTypes> {
  /**
   * Rebuilds state from one record. Called before `onStart`: first with the records of the newest snapshot, then with
   * every record persisted since that snapshot *began*, oldest first. A snapshot is drawn while the node works, so a
   * record may be met twice, and the state a snapshot record shows may be newer than records that follow it:
   * recovering must be idempotent and must not step back.
   */
  recover(record: P['record']): void;
  /**
   * `rejoin`: this node has lost its journal or the end of it, so it may have promised, and told, what it does not know
   * any more. It must not speak for its earlier self before that can do no harm.
   */
  onStart(ctx: Context<P>, rejoin: Rejoin | null): void;
  /**
   * Messages between two nodes arrive in the order sent while neither crashes (those sent unsynced may overtake the
   * others); any may be lost or come twice.
   */
  onMessage(from: NodeId, message: P['message'], ctx: Context<P>): void;
  /** Every request is answered exactly once, by `reply`, also when it times out. */
  onRequest(request: ClientRequest, ctx: Context<P>): void;
  onTimer(timer: P['timer'], ctx: Context<P>): void;
  /** After the last input of a turn: fold what the turn gathered into one message a peer. */
  onTurnEnd(ctx: Context<P>): void;
  /** Records that rebuild the present state; drawn a few at a time between later turns, see `recover`. */
  snapshot(): Iterable<P['record']>;
  /** A view of the raw state for status, dump, verify and invariants; changes nothing, and reads live while the replica lives. */
  inspect(): ReplicaView;
}

/** What a node is told that starts without all that it once made durable. */
export interface Rejoin {
  /** Greater than that of any earlier start of this node: numbers made from it are new. */
  readonly incarnation: number;
  /** The change of membership that took the earlier self out, and whether it was in until then; `null`: none was needed. */
  readonly removal: { readonly stamp: number; readonly existed: boolean } | null;
}

export interface Context<P extends ProtocolTypes> {
  readonly self: NodeId;
  /** All other nodes of the cluster. */
  readonly peers: readonly NodeId[];
  /** Monotonic, fixed within a turn. */
  readonly now: Millis;
  /** May jump, may be skewed: only version stamps and the bound of numbers read it. Fixed within a turn. */
  readonly wallClock: Millis;
  readonly random: Random;
  /** With this probability it is to fail to answer, where a protocol has that; `null`: as its options say. */
  readonly failRate: number | null;
  /** The record is durable before anything sent or replied in this turn, or later, leaves. */
  persist(record: P['record']): void;
  /** Leaves when everything persisted so far is durable. A message to oneself arrives in a later turn. */
  send(to: NodeId, message: P['message']): void;
  /** Leaves at the end of the turn, synced or not: for what promises nothing (a heartbeat, a question). */
  sendUnsynced(to: NodeId, message: P['message']): void;
  /** Leaves when everything persisted so far is durable. */
  reply(request: RequestId, result: ClientResult): void;
  /** Leaves at the end of the turn: for what this node's own disk adds nothing to, such as what a majority holds durably. */
  replyUnsynced(request: RequestId, result: ClientResult): void;
  /** Replaces the pending timer of that name. */
  setTimer(timer: P['timer'], after: Millis): void;
  cancelTimer(timer: P['timer']): void;
  /**
   * Says what this node holds for good (`core/decision.ts`), for who watches all nodes: leaves when everything persisted so
   * far is durable. Absent where nobody watches; called as `ctx.decide?.(…)` it then costs nothing.
   */
  readonly decide?:
    | (<T>(subject: string, value: T, show?: (value: T) => string) => void)
    | undefined;
  /** For who watches this node: leaves at once, changes nothing, and is not to be told of single requests. */
  tell(event: ProtocolEvent): void;
}

/** One key as one replica holds it; a `value` of `null` is a tombstone. */
export interface StoredEntry {
  readonly key: Key;
  readonly version: Version;
  readonly value: Uint8Array | null;
}

/** Of {@link ReplicaView.walk}: positions are 0 to below this. */
export const positionsEnd = 2 ** 32;

/** What a walk tells of an entry: its value costs more to show than all that. */
export type KeyVisit = (key: Key, version: Version, deleted: boolean) => void;

export interface ReplicaView {
  /** What the node does at present, in the protocol's word: `replica`, `leader`, `coordinator`. */
  readonly role: string;
  /** Keys present (tombstones not counted). */
  readonly keyCount: number;
  /** Work under way that will still change some replica: requests, hints for live peers, repairs. 0 when quiet. */
  readonly unsettledCount: number;
  /** What that is, in a few sentences, such as `transaction 131077 in doubt, waits for n1`. */
  unsettled(): readonly string[];
  /**
   * Where one node leads: it answers with the fewest hops, since others hand on to it what they are asked. `null`: nobody is
   * known to lead. Absent where nobody does.
   */
  readonly leader?: NodeId | null;
  /** Peers that this node believes to be out of reach. */
  readonly suspects: readonly NodeId[];
  /** What else `status` should show, in order, such as `['hints', 12]`. */
  readonly facts: readonly (readonly [name: string, value: string | number])[];
  lookup(key: Key): StoredEntry | undefined;
  /** No value that was ever held here is larger. Only where every key is held. */
  largestValueBytes?(): number;
  /** Every entry this replica holds, tombstones too, in no particular order. */
  entries(): Iterable<StoredEntry>;
  /**
   * Hands `visit` the next few entries from a position on, which begins at 0, and returns where to go on; `positionsEnd` when
   * there is nothing more. Each key that is there all the while is met, whatever comes and goes between two calls.
   */
  walk(position: number, visit: KeyVisit): number;
  /** The nodes that should hold this key. */
  ownersOf(key: Key): readonly NodeId[];
}

/** A protocol as the runtime needs it: how its messages and records look on the wire, and how to make a replica. */
export interface Protocol<P extends ProtocolTypes, Options> {
  readonly message: Shape<P['message']>;
  readonly record: Shape<P['record']>;
  create(setup: ReplicaSetup<Options>): Replica<P>;
  /** Why this protocol does not take such a request, or `null`. Asked before a replica sees it. */
  readonly problemOf?: (request: ClientRequest, options: Options) => string | null;
}

export interface ReplicaSetup<Options> {
  readonly self: NodeId;
  /** All nodes of the cluster, this one included, in the cluster's order. */
  readonly nodes: readonly NodeId[];
  readonly options: Options;
}
