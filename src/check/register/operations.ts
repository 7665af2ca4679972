/**
 * One key's operations as the engines for registers see them: reads, writes and conditional writes of values that are
 * small numbers, 0 being absence. What surely did not happen is left out; what it saw counts as a read.
 */
import type { UnknownReason } from '../budget.js';

export const registerKinds = {
  /** Saw `value`. */
  read: 0,
  /** Wrote `value`; a delete wrote 0. */
  write: 1,
  /** Found `expected` and wrote `value`: a compare-and-set, an insert (expected 0), a delete-if-equal (value 0). */
  cas: 2,
  /** Found anything but absence and wrote `value`. */
  update: 3,
} as const;

export interface RegisterOperations {
  readonly count: number;
  /** Of {@link registerKinds}. */
  readonly kind: Uint8Array;
  readonly value: Int32Array;
  readonly expected: Int32Array;
  /** Nanoseconds; intervals are closed: of a start and an end at the same time, the start is before. */
  readonly start: Float64Array;
  /** Infinity for what may have happened at any later time, or never; its kind is never `read`. */
  readonly end: Float64Array;
  /** The value before all operations. */
  readonly initial: number;
}

/** Why the operations of `core` are impossible together: what an explanation begins from. */
export type RegisterAnomaly =
  | 'phantom read'
  | 'aborted read'
  | 'future read'
  | 'stale read'
  | 'lost update'
  | 'contradiction';

/** Operations that are impossible together; perhaps not all of them are needed. */
export interface Suspects {
  readonly suspects: readonly number[];
}

/** What an engine finds out: an order, or those that have none. */
export type OrderDecision =
  | { readonly witness: Int32Array }
  | Suspects
  | { readonly why: UnknownReason };

export type RegisterVerdict =
  /** `witness`: the order in which the operations took effect; those that never did are left out. */
  | { readonly type: 'holds'; readonly witness: Int32Array }
  /** `core`: a few operations (indices) that are by themselves already impossible. */
  | {
      readonly type: 'violated';
      readonly core: readonly number[];
      readonly anomaly: RegisterAnomaly;
    }
  | { readonly type: 'unknown'; readonly why: UnknownReason };

/** Tables are as long as the greatest value: a few operations out of many get small values first. */
export function withSmallValues(operations: RegisterOperations): {
  readonly operations: RegisterOperations;
  readonly valueMax: number;
  readonly idOf: (value: number) => number;
} {
  const { count, value, expected, initial } = operations;
  let max = initial;
  for (let at = 0; at < count; at++) {
    max = Math.max(max, value[at] as number, expected[at] as number);
  }
  if (max <= 4 * count + 64) return { operations, valueMax: max, idOf: (own) => own };
  const ids = new Map([[0, 0]]);
  /** Negative numbers are no values. */
  const idOf = (own: number): number => {
    const known = own < 0 ? own : ids.get(own);
    if (known !== undefined) return known;
    ids.set(own, ids.size);
    return ids.size - 1;
  };
  const renamed = {
    ...operations,
    value: value.map(idOf),
    expected: expected.map(idOf),
    initial: idOf(initial),
  };
  return { operations: renamed, valueMax: ids.size - 1, idOf };
}
