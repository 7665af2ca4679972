/**
 * What the coordinator and the workers say to each other.
 *
 * The words are those of the literature: VOTE-REQUEST (Gray's and R*'s PREPARE), votes, COMMIT and ABORT (here one
 * `decision` that carries many of both), acknowledgements, and for the cooperative termination protocol (Bernstein,
 * Hadzilacos & Goodman, section 7.4) a question and an answer, `ask` and `tell`. Everything that many clients cause in
 * one turn travels in one message a peer.
 *
 * Messages with a `line` travel between the coordinator and one worker in order and exactly once, see `line.ts`. The
 * others may be lost, late or double, and every one of them is harmless then.
 */
import { resultShape } from '../../core/operation.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';
import * as wire from '../../core/wire.js';
import { entry } from '../shared/leaf-exchange.js';
import { counter } from '../shared/number-guard.js';
import { dataOperationShape, takenOperationShape } from './operations.js';
import type { DurableRecord } from './records.js';

const { boolean, count, duration, list, name, nullable, struct, union } = wire;

/** Where a message stands in the conversation of one life of the coordinator with one life of a worker. */
const line = struct({
  /** Which life of the coordinator, or of the worker's membership. */
  epoch: counter,
  /** Which life of the worker. */
  start: counter,
  /** 1, 2, 3, … in each direction. */
  number: count,
  /** The last message that the sender has had from the other side. */
  seen: count,
});
export type LineStamp = wire.Shaped<typeof line>;

/** Of transactions, as a worker names them that was told of them; and as it is told. */
const ids = list(count);
const newIds = list(counter);

/** A read that a worker is asked to answer; and a transaction that it is asked to vote on. */
const read = struct({ id: count, operation: dataOperationShape });
const transaction = struct({ id: counter, operation: dataOperationShape });
export type Asked = wire.Shaped<typeof read>;

const vote = struct({
  id: count,
  yes: boolean,
  /** Of a NO: why. Of a YES: what the client will hear if it commits, from one of the workers; others say `null`. */
  result: nullable(resultShape),
});
export type Vote = wire.Shaped<typeof vote>;

const readResult = struct({ id: count, result: resultShape });
export type ReadResult = wire.Shaped<typeof readResult>;

const forwarded = struct({
  /** The worker's own number for the request. */
  number: count,
  operation: takenOperationShape,
  timeoutMs: duration,
});
export type Forwarded = wire.Shaped<typeof forwarded>;

const answer = struct({ number: count, result: resultShape });
export type Answer = wire.Shaped<typeof answer>;

/** Names one attempt of a worker to catch up. */
export type JoinNumber = number;
const join = count;

export const messageShape = union({
  // Phase one.
  /** `participants`: all who vote on these transactions: whom to ask when the coordinator can't tell. */
  'vote-request': { participants: list(name), transactions: list(transaction), line },
  vote: { votes: list(vote), line },
  // Phase two.
  decision: { commits: newIds, aborts: newIds, line },
  /** The decision to commit these is durable here: nobody needs to tell it to this worker again. */
  ack: { ids, line },
  // Reads, and requests that came to a worker.
  read: { reads: list(read), line },
  'read-result': { results: list(readResult), line },
  forward: { requests: list(forwarded), line },
  answer: { answers: list(answer), line },
  // Catching up, in the order of one join; `copy` and `copied` travel between the two workers meanwhile.
  /** `reset`: throw away what is there: it is not known to be a prefix of what was committed. */
  'join-start': { join: counter, source: name, reset: boolean, line },
  /** The target has every committed version up to the stamp `after`. */
  'copy-start': { join, target: name, after: count, line },
  /** From the source: all but what is being written at present has been copied. */
  'copy-nearly': { join, line },
  /** To the source: no transaction is under way; copy the rest. */
  'copy-finish': { join, line },
  /** From the target: everything is here, durably. */
  'caught-up': { join, line },
  'join-stop': { join, line },
  /** What has arrived; `gap`: and something after it has arrived too early, please send again what is missing. */
  seen: { line, gap: boolean },
  // Cooperative termination: a worker in doubt to the coordinator or another participant, and the answer.
  ask: { ids: newIds },
  tell: { commits: newIds, aborts: newIds },
  // Signs of life.
  heartbeat: {
    epoch: counter,
    pool: list(name),
    /** Every node of the cluster has every committed version up to this stamp: its tombstones may go. */
    heldByAll: counter,
    /** The greatest id given out by now. */
    last: counter,
  },
  alive: {
    /** Which life of the worker. */
    start: counter,
    /** The life of the coordinator that it knows of; 0 when none. */
    epoch: counter,
    /** Pieces copied in the join under way: that it moves. */
    copied: count,
    /** The greatest id of which the worker has something on disk. */
    holds: counter,
  },
  // Worker to worker.
  copy: { join, number: count, entries: list(entry), last: boolean },
  copied: { join, number: count },
});

export type Message = wire.Shaped<typeof messageShape>;

/** Said in order and exactly once between the coordinator and a worker. */
export type LineMessage = Exclude<
  Extract<Message, { readonly line: LineStamp }>,
  { readonly type: 'seen' }
>;

/** A {@link LineMessage} without its place in the conversation. */
export type LineBody = WithoutLine<LineMessage>;
type WithoutLine<M> = M extends LineMessage ? Omit<M, 'line'> : never;

/** Of these, what the coordinator says; all else is said to it. */
export const toWorkers: ReadonlySet<Message['type']> = new Set([
  'vote-request',
  'decision',
  'read',
  'answer',
  'join-start',
  'copy-start',
  'copy-finish',
  'join-stop',
]);

export type Timer = 'heartbeat' | 'sweep' | 'copy';

export interface TwoPhaseCommit extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<TwoPhaseCommit>;
