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
import { errorCodes } from '../../core/errors.js';
import { stampShape } from '../../core/operation.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';
import * as wire from '../../core/wire.js';
import { ballotShape as ballot } from './ballot.js';
import { batchShape, commandShape, slotShape as slot } from './command.js';
import { type DurableRecord, stateItemShape } from './records.js';

const { boolean, count, list, name, oneOf, struct, text, union } = wire;

/** A pvalue of PMMC: this batch was accepted in this slot under this ballot. */
const acceptedValue = struct({ slot, ballot, batch: batchShape });
export type AcceptedValue = wire.Shaped<typeof acceptedValue>;

/** Names one transfer of a snapshot; a node never gives out a number twice. */
const transfer = struct({ source: name, number: count });
export type TransferId = wire.Shaped<typeof transfer>;

const batches = list(batchShape);

/** `decided`: the sender has executed all slots up to there, which are chosen. */
export const messageShape = union({
  /** Would you promise me a ballot? */
  canvass: { decided: slot },
  endorse: { granted: boolean, promised: ballot, decided: slot },
  /** For all slots above `decided`. */
  prepare: { ballot, decided: slot },
  /**
   * Promises never again to accept anything under a lower ballot, and says what was accepted in all slots above both
   * the candidate's and its own `decided`. In parts, which are numbered from 0.
   */
  promise: { ballot, decided: slot, part: count, last: boolean, accepted: list(acceptedValue) },
  /** The acceptor has promised something higher. */
  reject: { ballot, promised: ballot },
  /** Batches for `slot` and those after it. */
  accept: { ballot, slot, batches, decided: slot },
  /** Cumulative: has accepted every slot up to `upTo`, under this ballot or because it is chosen. */
  accepted: { ballot, upTo: slot },
  /** `settled`: all live members have the slots up to here. A `probe` not seen before asks for `alive`. */
  heartbeat: { ballot, decided: slot, settled: slot, probe: count },
  /** When this was sent, its sender had promised nothing above `ballot`. */
  alive: { ballot, probe: count, decided: slot },
  /** The coordinator is no member any more: somebody else, please, and at once. */
  abdicate: { ballot },
  /** To oneself: whoever receives it has its incarnation on disk. */
  started: { incarnation: count },
  forward: { commands: list(commandShape) },
  /** The coordinator has not proposed these, and will not. */
  refuse: { stamps: list(stampShape), code: oneOf(...errorCodes), message: text },
  /**
   * From which slot may I read? `confirmed`: once a majority has confirmed that you still lead. When this was sent, its
   * sender had promised nothing above `promised`.
   */
  'read-index': { number: count, confirmed: boolean, promised: ballot },
  'read-at': { number: count, slot },
  /** What was chosen from this slot on? Answered by `learn`, or by the first `chunk` of a snapshot. */
  fetch: { slot },
  learn: { slot, batches, decided: slot },
  'fetch-chunk': { transfer, index: count },
  /** A piece of the state after `slot`. */
  chunk: { transfer, slot, index: count, last: boolean, items: list(stateItemShape) },
});

export type Message = wire.Shaped<typeof messageShape>;
/** The message of one type. */
export type Of<T extends Message['type']> = Extract<Message, { readonly type: T }>;

export type Timer = 'tick' | 'retransmit';

export interface Paxos extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<Paxos>;
