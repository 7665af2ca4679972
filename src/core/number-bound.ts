/**
 * How far the counters of a cluster (stamps, rounds, slots, transactions) can have got by now.
 *
 * Who may name a number may name one near 2^53. A node that went on from there would have no numbers left, and a bound that
 * stands still is no help: at the bound every later number is refused, for good. So the bound rises, by more a millisecond
 * than any cluster counts. Whatever was forged, what is counted on from there is below the bound at once or soon after.
 *
 * Numbers that are not forged stay far below it: twenty years' worth is free, for wall clocks that are wrong.
 */
import type { Millis } from './ids.js';

/** 2020-01-01T00:00:00Z in Unix milliseconds. */
const epochMs = 1_577_836_800_000;
const aheadMs = 20 * 365 * 24 * 3_600_000;
/** Room for what is counted, reserved and leapt over above the bound, so that all of it can be read again. */
const room = 2 ** 41;

/** By how much the bound rises, and the most that one counter is expected to count. */
export const numbersPerMs = 4096;

/** The bound is never lower. */
export const numberBoundMin = aheadMs * numbersPerMs;

/** A wall clock before 2020 counts as 2020. */
export function millisSince2020(wallClock: Millis): Millis {
  return Math.max(0, Math.floor(wallClock) - epochMs);
}

/** No number from outside may be greater. */
export function numberBound(wallClock: Millis): number {
  return Math.min((millisSince2020(wallClock) + aheadMs) * numbersPerMs, 2 ** 53 - room);
}
