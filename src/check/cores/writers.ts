import { type RegisterOperations, registerKinds } from '../register/operations.js';

/** Writes outside of a set that may have made what an operation of the set found: the value, if it is one, and when. */
export interface Outside {
  readonly value: number | null;
  readonly start: number;
  readonly end: number;
}

const { read, write, cas, update, differs } = registerKinds;
const never = Number.POSITIVE_INFINITY;

/** Who wrote what, for finding out what a set of operations rules out. */
export class Writers {
  readonly #operations: RegisterOperations;
  readonly #all: number[] = [];
  readonly #byValue = new Map<number, number[]>();

  constructor(operations: RegisterOperations) {
    this.#operations = operations;
    const { count, value } = operations;
    for (let at = 0; at < count; at++) {
      if (!this.#changes(at)) continue;
      const own = value[at] as number;
      const writers = this.#byValue.get(own);
      if (writers === undefined) this.#byValue.set(own, [at]);
      else writers.push(at);
      this.#all.push(at);
    }
  }

  /** The writers of a value, the initial one aside. */
  of(value: number): readonly number[] {
    return this.#byValue.get(value) ?? [];
  }

  byStart(some: readonly number[]): number[] {
    const { start } = this.#operations;
    return [...some].sort((a, b) => (start[a] as number) - (start[b] as number));
  }

  /** The last `size` of `byStart`, what overlaps them, and what wrote the values that these saw. */
  since(byStart: readonly number[], size: number): number[] {
    const { start, end } = this.#operations;
    const from = start[byStart.at(-size) as number] as number;
    const window = new Set(byStart.filter((at) => (end[at] as number) >= from));
    for (const at of [...window]) {
      const found = this.found(at);
      if (found !== null && found !== 0) for (const writer of this.of(found)) window.add(writer);
    }
    return [...window];
  }

  /** The one value that an operation can have found; `null` for any of several, or for whatever was there. */
  found(at: number): number | null {
    const { kind, value, expected } = this.#operations;
    if (kind[at] === read) return value[at] as number;
    return kind[at] === cas ? (expected[at] as number) : null;
  }

  /** Of each value that operations of a set found and none of them wrote: a last writer, or what comes nearest to it. */
  sources(some: readonly number[]): number[] {
    const { value, start, end, initial } = this.#operations;
    const written = new Set([initial]);
    for (const at of some) if (this.#changes(at)) written.add(value[at] as number);
    const sources: number[] = [];
    for (const at of some) {
      const found = this.found(at);
      if (found === null || written.has(found)) continue;
      written.add(found);
      const writers = this.byStart(this.of(found));
      const earlier = writers.filter((by) => (start[by] as number) <= (end[at] as number));
      const source = earlier.at(-1) ?? writers[0];
      if (source !== undefined) sources.push(source);
    }
    return sources;
  }

  /** A compare-and-set that leaves what it found has written nothing that it could have helped another to. */
  #changes(at: number): boolean {
    const { kind, value, expected } = this.#operations;
    return isWrite(kind[at] as number) && (kind[at] !== cas || value[at] !== expected[at]);
  }

  /**
   * Of the operations of a set that found something: those that a write outside of the set may have helped to it. A
   * write is ruled out when it started after the operation ended, or when a write of the set surely came between.
   */
  unexplained(some: readonly number[]): Map<number, Outside> {
    const inside = new Set(some);
    const overwritten = this.#overwritten(some);
    const ends = new Map<number, Candidates>();
    const open = new Map<number, Outside>();
    for (const at of some) {
      const key = this.#candidatesKey(at);
      if (key === null) continue;
      let candidates = ends.get(key);
      if (candidates === undefined) {
        candidates = this.#candidates(at, inside);
        ends.set(key, candidates);
      }
      const { start, end } = this.#operations;
      const outside = candidates.between(
        overwritten(start[at] as number),
        end[at] as number,
        this.found(at),
      );
      if (outside !== null) open.set(at, outside);
    }
    return open;
  }

  /** Operations that the same writes could have helped share a key; `null` for a plain write. */
  #candidatesKey(at: number): number | null {
    const { kind, expected } = this.#operations;
    if (kind[at] === write) return null;
    if (kind[at] === update) return -1;
    return kind[at] === differs ? -2 - (expected[at] as number) : this.found(at);
  }

  #candidates(at: number, inside: ReadonlySet<number>): Candidates {
    const { kind, value, expected } = this.#operations;
    const found = this.found(at);
    const isAny = (writer: number) =>
      kind[at] === update ? value[writer] !== 0 : value[writer] !== expected[at];
    const writers = found === null ? this.#all.filter(isAny) : this.of(found);
    return new Candidates(
      this.#operations,
      this.byStart(writers.filter((writer) => !inside.has(writer))),
    );
  }

  /** When the last sure write of the set that ended before a time had started: what ended before that is overwritten. */
  #overwritten(some: readonly number[]): (before: number) => number {
    const { start, end } = this.#operations;
    const sure = some.filter((at) => this.#changes(at) && end[at] !== never);
    sure.sort((a, b) => (end[a] as number) - (end[b] as number));
    const latest = new Float64Array(sure.length);
    let max = -never;
    for (const [place, at] of sure.entries()) {
      max = Math.max(max, start[at] as number);
      latest[place] = max;
    }
    return (before) => {
      const place = firstNot(sure.length, (at) => (end[sure[at] as number] as number) < before);
      return place === 0 ? -never : (latest[place - 1] as number);
    };
  }
}

/** Writes by start, and the latest end of each and those before it. */
class Candidates {
  readonly #operations: RegisterOperations;
  readonly #byStart: readonly number[];
  readonly #latestEnd: Float64Array;

  constructor(operations: RegisterOperations, byStart: readonly number[]) {
    this.#operations = operations;
    this.#byStart = byStart;
    this.#latestEnd = new Float64Array(byStart.length);
    let max = -never;
    for (const [place, at] of byStart.entries()) {
      max = Math.max(max, operations.end[at] as number);
      this.#latestEnd[place] = max;
    }
  }

  /** From the first start to the last end of those that ended at `from` or later and started by `to`. */
  between(from: number, to: number, value: number | null): Outside | null {
    const { start } = this.#operations;
    const startOf = (place: number) => start[this.#byStart[place] as number] as number;
    const last = firstNot(this.#byStart.length, (place) => startOf(place) <= to) - 1;
    const first = firstNot(last + 1, (place) => (this.#latestEnd[place] as number) < from);
    if (first > last) return null;
    return { value, start: startOf(first), end: this.#latestEnd[last] as number };
  }
}

/** The first of 0 to `count` for which `is` does not hold any more. */
function firstNot(count: number, is: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isWrite(kind: number): boolean {
  return kind === write || kind === cas || kind === update;
}

/** Some operations by themselves. What those of `forgotten` found does not count; `added` is one more write. */
export function picked(
  operations: RegisterOperations,
  some: readonly number[],
  forgotten: ReadonlySet<number>,
  added?: Outside,
): RegisterOperations {
  const { kind, value, expected, start, end, initial } = operations;
  const isKept = (at: number) => !forgotten.has(at) || isWrite(kind[at] as number);
  const kept = some.filter(isKept);
  const kindOf = (at: number) => (forgotten.has(at) ? write : (kind[at] as number));
  const extra = added === undefined ? [] : [added];
  return {
    count: kept.length + extra.length,
    kind: Uint8Array.from([...kept.map(kindOf), ...extra.map(() => write)]),
    value: Int32Array.from([
      ...kept.map((at) => value[at] as number),
      ...extra.map((one) => one.value as number),
    ]),
    expected: Int32Array.from([...kept.map((at) => expected[at] as number), ...extra.map(() => 0)]),
    start: Float64Array.from([
      ...kept.map((at) => start[at] as number),
      ...extra.map((one) => one.start),
    ]),
    end: Float64Array.from([
      ...kept.map((at) => end[at] as number),
      ...extra.map((one) => one.end),
    ]),
    initial,
  };
}
