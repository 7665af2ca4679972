/**
 * What the nodes say to each other. Where the papers have a word for it, it is that word.
 *
 * | phase | messages | from |
 * |---|---|---|
 * | may I? | `canvass`, `endorse` | Ongaro's thesis, section 9.6 (pre-vote) |
 * | 1 | `prepare` (1a), `promise` (1b), `reject` | Lamport 2001, section 2.2; p1a, p1b, preempted of PMMC |
 * | 2 | `accept` (2a), `accepted` (2b) | the same; p2a, p2b of PMMC |
 * | learning | `decided` in `accept` and `heartbeat`; `fetch`, `learn` | decision of PMMC |
 * | far behind | `fetch-chunk`, `chunk` | Chandra et al. 2007, section 5.4 |
 * | life | `heartbeat`, `alive`, `abdicate`, `started` | |
 * | clients | `forward`, `refuse`, `read-index`, `read-at` | PMMC section 4.3; Ongaro's thesis, section 6.4 |
 */
import { type ErrorCode, errorCodes } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { SessionStamp } from '../../core/operation.js';
import { stampShape } from '../../core/operation.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';
import {
  boolean,
  count,
  list,
  name,
  oneOf,
  type Shape,
  struct,
  text,
  union,
} from '../../core/wire.js';
import { type Ballot, ballotShape } from './ballot.js';
import { type Batch, batchShape, type Command, commandShape, type Slot } from './command.js';
import { type DurableRecord, type StateItem, stateItemShape } from './records.js';

/** A pvalue of PMMC: this batch was accepted in this slot under this ballot. */
export interface AcceptedValue {
  readonly slot: Slot;
  readonly ballot: Ballot;
  readonly batch: Batch;
}

/** Names one transfer of a snapshot; a node never gives out a number twice. */
export interface TransferId {
  readonly source: NodeId;
  readonly number: number;
}

export type Message =
  /** Would you promise me a ballot? I have executed the slots up to `decided`. */
  | { readonly type: 'canvass'; readonly decided: Slot }
  | {
      readonly type: 'endorse';
      readonly granted: boolean;
      readonly promised: Ballot;
      readonly decided: Slot;
    }
  /** For all slots above `decided`, which the sender has. */
  | { readonly type: 'prepare'; readonly ballot: Ballot; readonly decided: Slot }
  /**
   * Promises never again to accept anything under a lower ballot, and says what was accepted in all slots above both
   * the candidate's and its own `decided`. In parts, which are numbered from 0.
   */
  | {
      readonly type: 'promise';
      readonly ballot: Ballot;
      readonly decided: Slot;
      readonly part: number;
      readonly last: boolean;
      readonly accepted: readonly AcceptedValue[];
    }
  /** The acceptor has promised something higher. */
  | { readonly type: 'reject'; readonly ballot: Ballot; readonly promised: Ballot }
  /** Batches for `slot` and those after it. All slots up to `decided` are chosen. */
  | {
      readonly type: 'accept';
      readonly ballot: Ballot;
      readonly slot: Slot;
      readonly batches: readonly Batch[];
      readonly decided: Slot;
    }
  /** Cumulative: has accepted every slot up to `upTo`, under this ballot or because it is chosen. */
  | { readonly type: 'accepted'; readonly ballot: Ballot; readonly upTo: Slot }
  /** `settled`: all live members have the slots up to here. A `probe` not seen before asks for `alive`. */
  | {
      readonly type: 'heartbeat';
      readonly ballot: Ballot;
      readonly decided: Slot;
      readonly settled: Slot;
      readonly probe: number;
    }
  /** When this was sent, its sender had promised nothing above `ballot`. */
  | {
      readonly type: 'alive';
      readonly ballot: Ballot;
      readonly probe: number;
      readonly decided: Slot;
    }
  /** The coordinator is no member any more: somebody else, please, and at once. */
  | { readonly type: 'abdicate'; readonly ballot: Ballot }
  /** To oneself: whoever receives it has its incarnation on disk. */
  | { readonly type: 'started'; readonly incarnation: number }
  | { readonly type: 'forward'; readonly commands: readonly Command[] }
  /** The coordinator has not proposed these, and will not. */
  | {
      readonly type: 'refuse';
      readonly stamps: readonly SessionStamp[];
      readonly code: ErrorCode;
      readonly message: string;
    }
  /** From which slot may I read? `confirmed`: once a majority has confirmed that you still lead. */
  | { readonly type: 'read-index'; readonly number: number; readonly confirmed: boolean }
  | { readonly type: 'read-at'; readonly number: number; readonly slot: Slot }
  /** What was chosen from this slot on? Answered by `learn`, or by the first `chunk` of a snapshot. */
  | { readonly type: 'fetch'; readonly slot: Slot }
  | {
      readonly type: 'learn';
      readonly slot: Slot;
      readonly batches: readonly Batch[];
      readonly decided: Slot;
    }
  | { readonly type: 'fetch-chunk'; readonly transfer: TransferId; readonly index: number }
  /** A piece of the state after `slot`. */
  | {
      readonly type: 'chunk';
      readonly transfer: TransferId;
      readonly slot: Slot;
      readonly index: number;
      readonly last: boolean;
      readonly items: readonly StateItem[];
    };

export type Timer = 'tick' | 'retransmit';

export interface Paxos extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<Paxos>;

/** The message of one type. */
export type Of<T extends Message['type']> = Extract<Message, { readonly type: T }>;

const ballot = ballotShape;
const batches = list(batchShape);
const transfer = struct<TransferId>({ source: name, number: count });

export const messageShape: Shape<Message> = union<Message>({
  canvass: { decided: count },
  endorse: { granted: boolean, promised: ballot, decided: count },
  prepare: { ballot, decided: count },
  promise: {
    ballot,
    decided: count,
    part: count,
    last: boolean,
    accepted: list(struct<AcceptedValue>({ slot: count, ballot, batch: batchShape })),
  },
  reject: { ballot, promised: ballot },
  accept: { ballot, slot: count, batches, decided: count },
  accepted: { ballot, upTo: count },
  heartbeat: { ballot, decided: count, settled: count, probe: count },
  alive: { ballot, probe: count, decided: count },
  abdicate: { ballot },
  started: { incarnation: count },
  forward: { commands: list(commandShape) },
  refuse: { stamps: list(stampShape), code: oneOf(...errorCodes), message: text },
  'read-index': { number: count, confirmed: boolean },
  'read-at': { number: count, slot: count },
  fetch: { slot: count },
  learn: { slot: count, batches, decided: count },
  'fetch-chunk': { transfer, index: count },
  chunk: { transfer, slot: count, index: count, last: boolean, items: list(stateItemShape) },
});
