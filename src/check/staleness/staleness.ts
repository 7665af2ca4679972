/** How old were the values that reads returned: in versions, in time, and as the smallest Δ. */
import type { Budget } from '../budget.js';
import { allWritesOf, type KeyOperations } from '../register/split.js';
import { sortByKey } from '../sort.js';
import { smallestDelta } from './delta.js';
import {
  countBefore,
  endedWritesOf,
  endOf,
  noWriter,
  type Overtaken,
  overtakenReadings,
} from './overtaken.js';

export interface KeyStaleness {
  /** Of each stale read: since when, at least, its value had been overwritten. In no order. */
  readonly agesNs: readonly number[];
  /** Of each stale read: how many newer versions there were at least. In no order. */
  readonly versions: readonly number[];
  /** The read whose value had been overwritten for longest, as an index into the history; -1 when there is none. */
  readonly worst: number;
  readonly deltaNs: number | null;
}

/** Of a key whose operations are not linearizable. */
export function stalenessOf(operations: KeyOperations, budget: Budget): KeyStaleness {
  const { register, index } = operations;
  const stale = overtakenReadings(operations).filter(({ writer }) => writer !== noWriter);
  const versions = versionsBetween(operations, stale);
  const since = overwrittenSince(operations);
  const agesNs: number[] = [];
  let [greatest, worst] = [0, -1];
  for (const { reading, writer } of stale) {
    const age = (register.start[reading] as number) - since(endOf(register, writer));
    agesNs.push(age);
    if (age < greatest || (worst !== -1 && age === greatest)) continue;
    greatest = age;
    worst = index[reading] as number;
  }
  return { agesNs, versions, worst, deltaNs: smallestDelta(register, budget) };
}

/**
 * Of each stale read: the number of writes that began after its value had been written, and ended before the read began.
 * By sweeping over the reads in the order in which they began, with a Fenwick tree over the writes' beginnings.
 */
function versionsBetween({ register }: KeyOperations, stale: readonly Overtaken[]): number[] {
  const { start, end } = register;
  const byStart = sortByKey(endedWritesOf(register), start);
  const byEnd = sortByKey(endedWritesOf(register), end);
  const place = new Int32Array(register.count);
  for (let at = 0; at < byStart.length; at++) place[byStart[at] as number] = at;
  const begun = new Counter(byStart.length);
  const versions: number[] = [];
  let ended = 0;
  const startOf = ({ reading }: Overtaken) => start[reading] as number;
  for (const { reading, writer } of [...stale].sort((a, b) => startOf(a) - startOf(b))) {
    const from = start[reading] as number;
    while (ended < byEnd.length && (end[byEnd[ended] as number] as number) < from) {
      begun.add(place[byEnd[ended] as number] as number);
      ended += 1;
    }
    const written = endOf(register, writer);
    // Those that began at the very moment when the value was written are not after it: intervals are closed.
    const notAfter = countBefore(byStart, start, written + tick(written));
    versions.push(ended - begun.below(notAfter));
  }
  return versions;
}

/** The smallest step of a clock in whole nanoseconds. */
const tick = (time: number): number => (Number.isFinite(time) ? 1 : 0);

/** When the first write ended of those that began after `time`: a value written by then was surely gone. */
function overwrittenSince({ register }: KeyOperations): (time: number) => number {
  const { start, end } = register;
  const byStart = sortByKey(Int32Array.from(allWritesOf(register)), start);
  const earliest = new Float64Array(byStart.length + 1).fill(Number.POSITIVE_INFINITY);
  for (let at = byStart.length - 1; at >= 0; at--) {
    const ended = end[byStart[at] as number] as number;
    earliest[at] = Math.min(ended, earliest[at + 1] as number);
  }
  return (time) => earliest[countBefore(byStart, start, time + tick(time))] as number;
}

/** How many of the places below one have been counted (Fenwick 1994). */
class Counter {
  readonly #sums: Int32Array;

  constructor(places: number) {
    this.#sums = new Int32Array(places + 1);
  }

  add(place: number): void {
    for (let at = place + 1; at < this.#sums.length; at += at & -at) {
      this.#sums[at] = (this.#sums[at] as number) + 1;
    }
  }

  below(place: number): number {
    let sum = 0;
    for (let at = place; at > 0; at -= at & -at) sum += this.#sums[at] as number;
    return sum;
  }
}
