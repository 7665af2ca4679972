/**
 * Linearizability where what was read fixes the order of everything: reads of a set that only grows, or of a list to
 * which one only appends. Each call belongs into a phase, or no earlier than one: between two reads that differ stand the
 * additions that make the difference. An order of the phases is an order of the calls; it keeps the clock unless a call
 * of a later phase had ended before one of an earlier phase began. Intervals keep more than pairs only where pairs do.
 */
import type { ObjectCall } from './calls.js';

export interface Phased {
  readonly call: ObjectCall;
  /** It takes effect in no phase before, */
  readonly from: number;
  /** and in none after. */
  readonly to: number;
}

/** `early` had ended before `late` began, and must come after it. */
export interface OutOfOrder {
  readonly early: ObjectCall;
  readonly late: ObjectCall;
}

/** `null`: there are no such two. */
export function outOfOrder(calls: readonly Phased[]): OutOfOrder | null {
  const byFrom = [...calls].sort((a, b) => b.from - a.from);
  const byTo = [...calls].sort((a, b) => b.to - a.to);
  let next = 0;
  let first: ObjectCall | null = null;
  for (const { call, to } of byTo) {
    for (; next < byFrom.length && (byFrom[next] as Phased).from > to; next++) {
      const other = (byFrom[next] as Phased).call;
      if (first === null || other.end < first.end) first = other;
    }
    if (first !== null && first.end < call.start) return { early: first, late: call };
  }
  return null;
}
