/** What happened in a cluster, event by event, on every runtime. Types only. */
import type { Millis, NodeId } from './ids.js';
import type { ClientResult, Level, Operation } from './operation.js';
import type { ProtocolEvent } from './protocol-event.js';

/**
 * How many events of each node an event knows of, itself included (Fidge 1988, Mattern 1989); nodes of which it knows none
 * are left out. A node that was killed numbers its next events well past those that it had no time to write: the gap says
 * that some are missing.
 */
export type VectorClock = Readonly<Record<NodeId, number>>;

export interface TraceEvent {
  readonly node: NodeId;
  /** Since 1970; virtual in the simulator. */
  readonly atMs: Millis;
  readonly clock: VectorClock;
  readonly data: TraceData;
}

/** A message or a record of some protocol. */
export interface TypedData {
  readonly type: string;
}

export type TraceData =
  /** `incarnation`: which start of the node it is. */
  | { readonly type: 'start'; readonly incarnation: number }
  /** `null`: in good order. A node that is killed from outside says nothing. */
  | { readonly type: 'stop'; readonly why: string | null }
  /** Its name is (node, clock[node]). */
  | { readonly type: 'sent'; readonly to: NodeId; readonly message: TypedData }
  /** `sent`: `clock[from]` of its `sent`; 0 when nobody has sent it. */
  | {
      readonly type: 'delivered';
      readonly from: NodeId;
      readonly sent: number;
      readonly message: TypedData;
    }
  | TracedFate
  | { readonly type: 'timer'; readonly name: string }
  | { readonly type: 'persist'; readonly record: TypedData }
  /** Everything persisted so far is being made durable. */
  | { readonly type: 'sync' }
  /** So many records of this start are durable now. */
  | { readonly type: 'durable'; readonly position: number }
  /** A node takes a request, which has this number there. `client`: its name, where it numbers its commands. */
  | {
      readonly type: 'call';
      readonly request: number;
      readonly client: string | null;
      readonly operation: Operation;
      readonly level: Level | null;
    }
  | { readonly type: 'return'; readonly request: number; readonly result: ClientResult }
  /** `inspect` shows another role than before. */
  | { readonly type: 'role'; readonly role: string }
  /** What the replica tells of itself. */
  | { readonly type: 'tell'; readonly event: ProtocolEvent }
  /** `node` is then `faults`, a track of its own. */
  | {
      readonly type: 'fault';
      readonly change: 'begin' | 'end';
      readonly fault: { readonly id: number; readonly words: string; readonly by: string };
    }
  /** The simulator has met what may never be. */
  | { readonly type: 'violation'; readonly check: string; readonly message: string };

/**
 * What became of a message instead of arriving as it was sent: on a link, or for lack of one. It is no event of a node but a
 * remark on one: `node`, `clock` and `sent` are those of the message's `sent`, `atMs` is when it happened.
 */
export interface TracedFate {
  readonly type: 'lost' | 'held' | 'doubled';
  readonly to: NodeId;
  readonly sent: number;
  readonly why: string;
}
