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
import type { NodeId } from '../../core/ids.js';
import type { ClientResult, DataOperation } from '../../core/operation.js';
import { resultShape } from '../../core/operation.js';
import type { Context, ProtocolTypes, StoredEntry } from '../../core/replica.js';
import {
  boolean,
  count,
  duration,
  key,
  list,
  name,
  nullable,
  type Shape,
  struct,
  union,
  value,
  version,
} from '../../core/wire.js';
import { dataOperationShape, type TakenOperation, takenOperationShape } from './operations.js';
import type { DurableRecord, TransactionId } from './records.js';

/** Where a message stands in the conversation of one life of the coordinator with one life of a worker. */
export interface LineStamp {
  /** Which life of the coordinator, or of the worker's membership. */
  readonly epoch: number;
  /** Which life of the worker. */
  readonly start: number;
  /** 1, 2, 3, … in each direction. */
  readonly number: number;
  /** The last message that the sender has had from the other side. */
  readonly seen: number;
}

/** A transaction that a worker is asked to vote on, or a read that it is asked to answer. */
export interface Asked {
  readonly id: TransactionId;
  readonly operation: DataOperation;
}

export interface Vote {
  readonly id: TransactionId;
  readonly yes: boolean;
  /** Of a NO: why. Of a YES: what the client will hear if it commits, from one of the workers; others say `null`. */
  readonly result: ClientResult | null;
}

export interface ReadResult {
  readonly id: TransactionId;
  readonly result: ClientResult;
}

export interface Forwarded {
  /** The worker's own number for the request. */
  readonly number: number;
  readonly operation: TakenOperation;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly number: number;
  readonly result: ClientResult;
}

/** Names one attempt of a worker to catch up. */
export type JoinNumber = number;

/** Said in order and exactly once between the coordinator and a worker. */
export type LineBody =
  // Phase one.
  | {
      readonly type: 'vote-request';
      /** All who vote on these transactions: whom to ask when the coordinator can't tell. */
      readonly participants: readonly NodeId[];
      readonly transactions: readonly Asked[];
    }
  | { readonly type: 'vote'; readonly votes: readonly Vote[] }
  // Phase two.
  | {
      readonly type: 'decision';
      readonly commits: readonly TransactionId[];
      readonly aborts: readonly TransactionId[];
    }
  /** The decision to commit these is durable here: nobody needs to tell it to this worker again. */
  | { readonly type: 'ack'; readonly ids: readonly TransactionId[] }
  // Reads, and requests that came to a worker.
  | { readonly type: 'read'; readonly reads: readonly Asked[] }
  | { readonly type: 'read-result'; readonly results: readonly ReadResult[] }
  | { readonly type: 'forward'; readonly requests: readonly Forwarded[] }
  | { readonly type: 'answer'; readonly answers: readonly Answer[] }
  // Catching up, in the order of one join; `copy` and `copied` travel between the two workers meanwhile.
  | {
      readonly type: 'join-start';
      readonly join: JoinNumber;
      readonly source: NodeId;
      /** Throw away what is there: it is not known to be a prefix of what was committed. */
      readonly reset: boolean;
    }
  | {
      readonly type: 'copy-start';
      readonly join: JoinNumber;
      readonly target: NodeId;
      /** The target has every committed version up to this stamp. */
      readonly after: number;
    }
  /** From the source: all but what is being written at present has been copied. */
  | { readonly type: 'copy-nearly'; readonly join: JoinNumber }
  /** To the source: no transaction is under way; copy the rest. */
  | { readonly type: 'copy-finish'; readonly join: JoinNumber }
  /** From the target: everything is here, durably. */
  | { readonly type: 'caught-up'; readonly join: JoinNumber }
  | { readonly type: 'join-stop'; readonly join: JoinNumber };

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

/** A {@link LineBody} with its place in the conversation. */
export type LineMessage = WithLine<LineBody>;
type WithLine<B> = B extends LineBody ? B & { readonly line: LineStamp } : never;

export type Message =
  | LineMessage
  /** What has arrived; `gap`: and something after it has arrived too early, please send again what is missing. */
  | { readonly type: 'seen'; readonly line: LineStamp; readonly gap: boolean }
  // Cooperative termination: a worker in doubt to the coordinator or another participant, and the answer.
  | { readonly type: 'ask'; readonly ids: readonly TransactionId[] }
  | {
      readonly type: 'tell';
      readonly commits: readonly TransactionId[];
      readonly aborts: readonly TransactionId[];
    }
  // Signs of life.
  | {
      readonly type: 'heartbeat';
      readonly epoch: number;
      readonly pool: readonly NodeId[];
      /** Every node of the cluster has every committed version up to this stamp: its tombstones may go. */
      readonly heldByAll: number;
      /** The greatest id given out by now. */
      readonly last: TransactionId;
    }
  | {
      readonly type: 'alive';
      /** Which life of the worker. */
      readonly start: number;
      /** The life of the coordinator that it knows of; 0 when none. */
      readonly epoch: number;
      /** Pieces copied in the join under way: that it moves. */
      readonly copied: number;
      /** The greatest id of which the worker has something on disk. */
      readonly holds: TransactionId;
    }
  // Worker to worker.
  | {
      readonly type: 'copy';
      readonly join: JoinNumber;
      readonly number: number;
      readonly entries: readonly StoredEntry[];
      readonly last: boolean;
    }
  | { readonly type: 'copied'; readonly join: JoinNumber; readonly number: number };

export type Timer = 'heartbeat' | 'sweep' | 'copy';

export interface TwoPhaseCommit extends ProtocolTypes {
  readonly message: Message;
  readonly record: DurableRecord;
  readonly timer: Timer;
}

export type Ctx = Context<TwoPhaseCommit>;

const line = struct<LineStamp>({ epoch: count, start: count, number: count, seen: count });
const ids = list(count);
const asked = list(struct<Asked>({ id: count, operation: dataOperationShape }));
const join = count;

export const messageShape: Shape<Message> = union<Message>({
  'vote-request': { participants: list(name), transactions: asked, line },
  vote: {
    votes: list(struct<Vote>({ id: count, yes: boolean, result: nullable(resultShape) })),
    line,
  },
  decision: { commits: ids, aborts: ids, line },
  ack: { ids, line },
  read: { reads: asked, line },
  'read-result': { results: list(struct<ReadResult>({ id: count, result: resultShape })), line },
  forward: {
    requests: list(
      struct<Forwarded>({ number: count, operation: takenOperationShape, timeoutMs: duration }),
    ),
    line,
  },
  answer: { answers: list(struct<Answer>({ number: count, result: resultShape })), line },
  'join-start': { join, source: name, reset: boolean, line },
  'copy-start': { join, target: name, after: count, line },
  'copy-nearly': { join, line },
  'copy-finish': { join, line },
  'caught-up': { join, line },
  'join-stop': { join, line },
  seen: { line, gap: boolean },
  ask: { ids },
  tell: { commits: ids, aborts: ids },
  heartbeat: { epoch: count, pool: list(name), heldByAll: count, last: count },
  alive: { start: count, epoch: count, copied: count, holds: count },
  copy: {
    join,
    number: count,
    entries: list(struct<StoredEntry>({ key, version, value: nullable(value) })),
    last: boolean,
  },
  copied: { join, number: count },
});
