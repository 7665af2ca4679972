/**
 * What clients asked and what they were told: operations as columns, in the order of their invocations.
 *
 * Columns, because a history may hold millions. Keys and values are interned: equal numbers are equal keys or values.
 */
import type { FaultSpan } from './faults.js';

/** What can be asked of keys. */
export const keyKinds = [
  'get',
  'put',
  'delete',
  'insert',
  'update',
  'cas',
  'append',
  'txn',
] as const;
/** What Jepsen asks of sets and counters, queues, banks, locks and generators of ids; those are read by `get`. */
export const objectKinds = [
  'add',
  'enqueue',
  'dequeue',
  'drain',
  'transfer',
  'acquire',
  'release',
  'generate',
] as const;

/** What an operation asks; `append` and `txn` carry their micro-operations in {@link History.steps}. */
export const kinds = [...keyKinds, ...objectKinds] as const;
export type Kind = (typeof kinds)[number];

/** Happened; surely did not; nobody knows: it may have happened at any later time, or never. */
export const outcomes = ['ok', 'fail', 'info'] as const;
export type Outcome = (typeof outcomes)[number];

/** The id of absence among the values. */
export const absent = 0;
/** In a column of ids: the operation says nothing of it. */
export const unsaid = -1;

export interface History {
  readonly count: number;
  /** Who asked; one process has one operation open at a time. */
  readonly process: Int32Array;
  /** What a script calls the client that is a process, where that is known. */
  readonly names?: ReadonlyMap<number, string>;
  /** Indices into {@link kinds}. */
  readonly kind: Uint8Array;
  /** Indices into {@link outcomes}. */
  readonly outcome: Uint8Array;
  /** Ids into {@link keys}; `unsaid` for a transaction. */
  readonly key: Int32Array;
  /** Ids into {@link values}: what a write writes (a delete: `absent`), what a cas puts; what is added or enqueued. */
  readonly written: Int32Array;
  /** What a cas expects. */
  readonly expected: Int32Array;
  /**
   * What an ok get, dequeue, drain or generate returned, or what a conditional write that was refused (`fail`) says it met.
   * One that does not say has `unsaid`, whatever it failed for, and tells nothing of the key.
   */
  readonly seen: Int32Array;
  /** Nanoseconds from some beginning. */
  readonly invokedAt: Float64Array;
  /** Infinity when the outcome is `info`. */
  readonly returnedAt: Float64Array;
  /** Ids into {@link nodes} and {@link sessions}; `unsaid` when not recorded. */
  readonly node: Int32Array;
  readonly session: Int32Array;
  /** The version written or seen, greater stamp, then greater node (an id into {@link nodes}, -1 unsaid) wins; NaN when not recorded. */
  readonly versionStamp: Float64Array;
  readonly versionNode: Int32Array;
  /** The line of the invocation in its file, counted from 1. */
  readonly line: Int32Array;
  readonly keys: readonly string[];
  /** `values[absent]` is null. Values are text, as the history writes them; other JSON values as their JSON. */
  readonly values: readonly (string | null)[];
  readonly nodes: readonly string[];
  readonly sessions: readonly string[];
  /** Of appends and transactions, by operation. */
  readonly steps: ReadonlyMap<number, readonly Step[]>;
  /** What was broken on purpose meanwhile, in the order in which it began. */
  readonly faults: readonly FaultSpan[];
}

/** One micro-operation of a transaction, as Elle has them. `value` of a list read: the list; null while unknown. */
export type Step =
  | { readonly f: 'r'; readonly key: number; readonly value: number | readonly number[] | null }
  | { readonly f: 'w'; readonly key: number; readonly value: number }
  | { readonly f: 'append'; readonly key: number; readonly value: number };
