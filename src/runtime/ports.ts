/**
 * The three ports behind which everything impure stands. Production and the simulator differ in these and in nothing
 * else. Each has a conformance suite in `test/conformance/` that every implementation runs.
 *
 * All of them call back, none returns a promise: a turn must be able to run to its end without giving way, and the
 * simulator must be able to order every effect.
 */
import type { Millis, NodeId } from '../core/ids.js';

export interface Clock {
  /** Monotonic; its zero means nothing. */
  now(): Millis;
  /** Since 1970; may jump and may be skewed. */
  wallClock(): Millis;
  /** Calls `run` once, not before `now()` has reached `deadline`. The function returned cancels it. */
  at(deadline: Millis, run: () => void): () => void;
  /** Calls `run` once, soon, after the input that is waiting now has been taken in; never before it returns. */
  soon(run: () => void): void;
}

/** One node's way to its peers. Batches between two nodes keep their order; any may be lost or come twice. */
export interface Link<M> {
  /** Sends one batch; never blocks, never throws for a peer that is away: what can't be sent is lost. */
  send(to: NodeId, messages: readonly M[]): void;
  /** Must be called once, before anything can arrive. `bytes`: about what the messages took on the way. */
  onReceive(handler: (from: NodeId, messages: readonly M[], bytes: number) => void): void;
  /** While it is held nothing more is taken in from this peer, as far as the link can help it. */
  hold(from: NodeId, held: boolean): void;
  /** Bytes that wait to be sent to the peer that lags most; one that has stopped taking anything does not count. */
  readonly bytesWaiting: number;
  /** Called when `bytesWaiting` may have become less. */
  onRelief(handler: () => void): void;
  /** After this nothing is delivered or sent. */
  close(): void;
}

/** How many records were appended since the journal was opened. */
export type Position = number;

/** Whose journal it is. Every file of a journal names both, so files of another cluster or node are never taken in. */
export interface JournalOwner {
  /** A cluster's random id, drawn when it is created. */
  readonly cluster: string;
  readonly node: NodeId;
}

/** Bytes that recovery does not take in, because a crash explains them. */
export interface JournalCut {
  readonly file: string;
  /** Where the bytes begin; 0 when the whole file goes. */
  readonly offset: number;
  readonly bytes: number;
  readonly why: string;
}

/** A place in the log: so many bytes of that segment, and all segments before it. */
export interface LogEnd {
  readonly segment: number;
  readonly bytes: number;
}

/** What a journal has learned by reading its files. */
export interface Recovery {
  /** Where the log ends, the cuts made. */
  readonly end: LogEnd;
  /** There was no file of a journal: nothing was ever acknowledged from here, or all of it is gone. */
  readonly isFresh: boolean;
  /** The number of the last start that the journal knows of; 0 when it is fresh. */
  readonly previousIncarnation: number;
  /** This start's number, larger than any before. Durable when `recover` returns. */
  readonly incarnation: number;
  /** Every tail that is cut and every file that is removed. Worth a line each in the node's log. */
  readonly cuts: readonly JournalCut[];
}

/**
 * A write-ahead log of records. What was appended may be lost in a crash until `durable` has passed it; what is
 * durable is read back by `recover`, in order, after any crash.
 */
export interface Journal<R> {
  /**
   * Reads back what survives, snapshot first, then the log, oldest first. Called once, before anything else.
   *
   * `accept` is called when all is read and nothing on disk is changed yet. It may throw to refuse what was found (a
   * fresh journal where there must be data, an incarnation older than what others have seen); the disk then stays as it
   * is. After it the cuts are made and this start's incarnation becomes durable, before `recover` returns.
   */
  recover(visit: (record: R) => void, accept?: (recovery: Recovery) => void): Recovery;
  readonly appended: Position;
  readonly durable: Position;
  append(record: R): void;
  /** Starts making durable all that was appended. May be called at any time; shares one sync among many appends. */
  flush(): void;
  /**
   * Must be set before the first `flush`. Called whenever `durable` has grown by itself, never from within `flush`.
   * (A journal that does not sync, or has done so at once, has moved `durable` when `flush` returns, and does not call.)
   */
  onDurable(handler: () => void): void;
  /**
   * Called once when the disk fails (full, gone, i/o error); nothing becomes durable after it. May be called from within
   * `flush`, `beginSnapshot` or `snapshotStep`. Without a handler, the error is thrown there.
   */
  onFailure(handler: (error: Error) => void): void;
  /** True when enough has been logged since the last snapshot that a new one would pay, and none is under way. */
  readonly wantsSnapshot: boolean;
  /**
   * Begins a snapshot. `records` is drawn from bit by bit by `snapshotStep`; all records appended from now on (and maybe
   * some from just before) are kept beside it. When the snapshot is complete and durable, everything older goes.
   */
  beginSnapshot(records: Iterable<R>): void;
  /**
   * Draws the next slice of the snapshot under way; false when there is none, or nothing to draw: no more, or not in this
   * turn, because the disk is busy with what was drawn.
   */
  snapshotStep(): boolean;
  /** Bytes in the log since the last snapshot, for `status`. */
  readonly logBytes: number;
  /** Syncs since it was opened, of the log and of snapshots. */
  readonly syncCount: number;
  /** Lets go of the files without a further sync. */
  close(): void;
}
