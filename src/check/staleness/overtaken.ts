/**
 * Readings of values that had surely been overwritten: a write began after the value's own had ended, and ended before
 * the reading began. That is what regular registers rule out (Lamport 1986; for several writers Shao et al., "Multi-writer
 * consistency conditions for shared memory registers", 2011, their weak form), and how many such writes there were says
 * how many versions old the reading was at least (Golab, Li & Shah 2011: k-atomicity).
 *
 * Exact also where values repeat: of all who wrote the value, and began before the reading ended, the one that ended
 * last makes the reading look freshest.
 */
import { countWhile } from '../../core/lookup.js';
import type { RegisterOperations } from '../register/operations.js';
import { allWritesOf, foundAt, type KeyOperations, sureReaders } from '../register/split.js';
import { sortByKey } from '../sort.js';

/** Instead of a writer: the key as it was at first; nobody who had begun by then. */
export const initially = -1;
export const noWriter = -2;

export interface Overtaken {
  /** The reading, as numbered in the key's register. */
  readonly reading: number;
  /** Whose value it found, at best; `nobody`: a value from the future, or from nowhere. */
  readonly writer: number;
  /** A write that lies between the two, the one that began last; -1 with `nobody`. */
  readonly by: number;
}

/** All readings of a key that no regular register would allow, in the order in which they began. */
export function overtakenReadings(operations: KeyOperations): Overtaken[] {
  const { register } = operations;
  const freshest = freshestWriters(operations);
  const ended = endedWrites(register);
  const isSure = sureReaders(operations);
  const found: Overtaken[] = [];
  for (let reading = 0; reading < register.count; reading++) {
    if (isSure[reading] === 0) continue;
    const writer = freshest(reading);
    if (writer === noWriter) {
      found.push({ reading, writer, by: -1 });
      continue;
    }
    const by = ended.lastBegunBefore(register.start[reading] as number);
    if (by !== -1 && (register.start[by] as number) > endOf(register, writer)) {
      found.push({ reading, writer, by });
    }
  }
  return found;
}

/** When the write whose value it is ended; the initial value was there before time. */
export function endOf(register: RegisterOperations, writer: number): number {
  return writer === initially ? Number.NEGATIVE_INFINITY : (register.end[writer] as number);
}

/** Operations that wrote something, and ended. */
export const endedWritesOf = (register: RegisterOperations): Int32Array =>
  Int32Array.from(allWritesOf(register)).filter((at) => Number.isFinite(register.end[at]));

/** Those by their ends; with the one that began last among each and all before. */
function endedWrites(register: RegisterOperations) {
  const byEnd = sortByKey(endedWritesOf(register), register.end);
  const lastBegun = byEnd.slice();
  for (let place = 1; place < lastBegun.length; place++) {
    const earlier = lastBegun[place - 1] as number;
    const here = lastBegun[place] as number;
    if ((register.start[earlier] as number) > (register.start[here] as number)) {
      lastBegun[place] = earlier;
    }
  }
  return {
    /** Of the writes that ended before `time`, the one that began last; -1 when there is none. */
    lastBegunBefore(time: number): number {
      const place = countBefore(byEnd, register.end, time);
      return place === 0 ? -1 : (lastBegun[place - 1] as number);
    },
  };
}

/** How many of `sorted`, which are in the order of their `times`, are before `time`. */
export const countBefore = (sorted: Int32Array, times: Float64Array, time: number): number =>
  countWhile(sorted, (at) => (times[at] as number) < time);

/** Finds, of a reading, the writer of its value that makes it look freshest. */
function freshestWriters({ register, values }: KeyOperations): (reading: number) => number {
  const { start, end, initial } = register;
  // By value: its writers in the order in which they began; and of each and all before it, who ended last.
  const writersOf: number[][] = Array.from({ length: values.length }, () => []);
  const bestOf: number[][] = Array.from({ length: values.length }, () => []);
  for (const at of allWritesOf(register)) {
    const value = register.value[at] as number;
    const best = bestOf[value] as number[];
    const before = best.at(-1);
    (writersOf[value] as number[]).push(at);
    best.push(before !== undefined && (end[before] as number) > (end[at] as number) ? before : at);
  }
  return (reading) => {
    const value = foundAt(register, reading);
    const writers = writersOf[value] as number[];
    const ended = end[reading] as number;
    const low = countWhile(writers, (at) => (start[at] as number) <= ended);
    const best = low === 0 ? noWriter : ((bestOf[value] as number[])[low - 1] as number);
    if (best !== reading && best !== noWriter) return best;
    // What puts a value in the place of the same value does not read what it writes itself.
    const others = best === noWriter ? [] : writers.slice(0, low).filter((at) => at !== reading);
    others.sort((a, b) => (end[b] as number) - (end[a] as number));
    return others[0] ?? (value === initial ? initially : noWriter);
  };
}
