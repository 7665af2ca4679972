/**
 * A few operations on a register that are impossible by themselves, whatever the others did.
 *
 * A set of operations is tried by demanding only these, while every other write may have happened within its interval
 * or not at all. What is impossible even then is impossible in the whole history for the same reason: no write that was
 * left out could have helped. Demanding less never makes the possible impossible. Before the first operation that is
 * demanded, the register may have held any value, so that only a window of a long history is searched.
 */

import { invariant } from '../../core/invariant.js';
import { pushTo } from '../../core/lookup.js';
import { atMost, type Budget } from '../budget.js';
import { linearize } from '../jit/search.js';
import { anyOther, leavesValue, timelineOf, valueMet } from '../jit/timeline.js';
import { bruteForce } from '../register/brute-force.js';
import {
  type RegisterAnomaly,
  type RegisterOperations,
  registerKinds,
  withSmallValues,
} from '../register/operations.js';
import { type Impossible, smallestCore } from './shrink.js';

export interface RegisterCore {
  /** In the order of their starts. */
  readonly core: readonly number[];
  readonly anomaly: RegisterAnomaly;
}

/** A second or two at most: a larger core is no worse a proof. */
const questionsMax = 20_000;
/** Up to this size all orders of a core are tried; and whether there is a smaller one. */
const smallMax = 11;
const never = Number.POSITIVE_INFINITY;
const { read, write, cas, update } = registerKinds;

/** `suspects`: operations that are impossible together, as far as the engine knows that judged them. */
export function registerCore(
  operations: RegisterOperations,
  suspects: readonly number[],
  budget: Budget,
): RegisterCore {
  const relaxed = new Relaxed(operations, atMost(questionsMax, budget));
  const ended = latestFirst(operations, suspects);
  const isEnough = relaxed.isImpossible(ended) === 'yes';
  const all = isEnough ? ended : latestFirst(operations, operations.kind.keys());
  const needed = smallestCore(all, relaxed.isImpossible);
  const core = fewestTold(relaxed, needed);
  invariant(core.length > smallMax || !bruteForce(part(operations, core)), 'a possible core');
  return { core, anomaly: anomalyOf(relaxed, core) };
}

function latestFirst({ end }: RegisterOperations, some: Iterable<number>): number[] {
  const ended = [...new Set(some)].filter((at) => end[at] !== never);
  return ended.sort((a, b) => (end[b] as number) - (end[a] as number) || b - a);
}

/** With where values came from, since a reader wants to see it. With fewer to tell, if one begins without another operation. */
function fewestTold(relaxed: Relaxed, needed: readonly number[]): readonly number[] {
  const told = relaxed.withSources(needed);
  if (told.length > smallMax) return told;
  for (const at of told) {
    const others = latestFirst(
      relaxed.operations,
      told.filter((other) => other !== at),
    );
    if (relaxed.isImpossible(others) !== 'yes') continue;
    const fewer = smallestCore(others, relaxed.isImpossible);
    if (relaxed.withSources(fewer).length < told.length) return fewestTold(relaxed, fewer);
  }
  return told;
}

/** Asks which of the operations are impossible when nothing is known of the others. */
class Relaxed {
  readonly operations: RegisterOperations;
  readonly #budget: Budget;
  readonly #writes: number[] = [];
  readonly #writers = new Map<number, number[]>();
  #isSpent = false;

  constructor(operations: RegisterOperations, budget: Budget) {
    this.operations = operations;
    this.#budget = budget;
    for (let at = 0; at < operations.count; at++) {
      if (leavesValue(operations, at)) continue;
      this.#writes.push(at);
      const value = operations.value[at] as number;
      pushTo(this.#writers, value, at);
    }
  }

  /** The writers of a value, the initial one aside. */
  writersOf(value: number): readonly number[] {
    return this.#writers.get(value) ?? [];
  }

  readonly isImpossible: Impossible = (demanded) => {
    this.#isSpent ||= this.#budget.spent(0) !== null;
    if (this.#isSpent) return 'spent';
    const { start, end } = this.operations;
    const from = demanded.reduce((least, at) => Math.min(least, start[at] as number), never);
    const to = demanded.reduce((most, at) => Math.max(most, end[at] as number), -never);
    const isDemanded = new Set(demanded);
    const spare = this.#writes.filter(
      (at) => (end[at] as number) >= from && (start[at] as number) <= to && !isDemanded.has(at),
    );
    const chosen = [...demanded, ...spare];
    const required = new Uint8Array(chosen.length).fill(1, 0, demanded.length);
    const isWhole = this.#writes.every((at) => (end[at] as number) >= from);
    const { operations: some, idOf } = withSmallValues(part(this.operations, chosen));
    const initials = isWhole ? [some.initial] : this.#valuesBefore(from, chosen).map(idOf);
    const { type } = linearize(timelineOf(some, required), initials, this.#budget);
    this.#isSpent ||= type === 'unknown';
    if (this.#isSpent) return 'spent';
    return type === 'violated' ? 'yes' : 'no';
  };

  /** What the register may have held at `from`, from where on a part of the history is chosen, as far as that can tell. */
  #valuesBefore(from: number, chosen: readonly number[]): number[] {
    const { kind, value, expected, end, initial } = this.operations;
    const told = new Set([0]);
    for (const at of chosen) told.add((kind[at] === read ? value : expected)[at] as number);
    const isPast = (by: number) => (end[by] as number) < from;
    const possible = [...told].filter((one) => this.writersOf(one).some(isPast));
    return [...possible, initial, anyOther];
  }

  /** And of each value met that none of these wrote: a last writer, or what comes nearest to it. By start. */
  withSources(some: readonly number[]): number[] {
    const { value, start, end, initial } = this.operations;
    const changes = some.filter((at) => !leavesValue(this.operations, at));
    const written = new Set(changes.map((at) => value[at] as number));
    const told = new Set(some);
    const isNamed = new Set(some);
    for (const at of told) {
      const met = valueMet(this.operations, at);
      // Of what ended nobody doubts that it found what it says.
      const isClear = !isNamed.has(at) && end[at] !== never;
      if (met === null || written.has(met) || isClear) continue;
      const writers = this.#byStart(this.writersOf(met));
      const earlier = writers.filter((by) => (start[by] as number) <= (end[at] as number));
      let source = earlier.at(-1) ?? writers[0];
      if (met === initial) {
        // It was there at first. What may have brought it back is told where it could have helped.
        const isBefore = (by: number) => (end[by] as number) < (start[at] as number);
        const last = Math.max(...changes.filter(isBefore).map((by) => start[by] as number));
        const back = earlier.filter((by) => (end[by] as number) >= last);
        source = back.length > 0 && this.#wouldHelp(some, at, back) ? back.at(-1) : undefined;
        if (source === undefined) continue;
      }
      written.add(met);
      if (source !== undefined) told.add(source);
    }
    return this.#byStart([...told]);
  }

  /** Whether one write, as wide as all of `back`, explains what `reader` met, if it were the only one that met it. */
  #wouldHelp(some: readonly number[], reader: number, back: readonly number[]): boolean {
    if (some.length >= smallMax) return true;
    const { start, end, initial } = this.operations;
    const isOther = (at: number) => at !== reader && valueMet(this.operations, at) === initial;
    const own = part(
      this.operations,
      some.filter((at) => !isOther(at)),
    );
    const wide = {
      start: Math.min(...back.map((by) => start[by] as number)),
      end: Math.max(...back.map((by) => end[by] as number)),
    };
    return bruteForce({
      ...own,
      count: own.count + 1,
      kind: Uint8Array.from([...own.kind, write]),
      value: Int32Array.from([...own.value, initial]),
      expected: Int32Array.from([...own.expected, 0]),
      start: Float64Array.from([...own.start, wide.start]),
      end: Float64Array.from([...own.end, wide.end]),
    });
  }

  #byStart(some: readonly number[]): number[] {
    const { start } = this.operations;
    return [...some].sort((a, b) => (start[a] as number) - (start[b] as number) || a - b);
  }
}

function part(operations: RegisterOperations, chosen: readonly number[]): RegisterOperations {
  const { kind, value, expected, start, end, initial } = operations;
  return {
    count: chosen.length,
    kind: Uint8Array.from(chosen, (at) => kind[at] as number),
    value: Int32Array.from(chosen, (at) => value[at] as number),
    expected: Int32Array.from(chosen, (at) => expected[at] as number),
    start: Float64Array.from(chosen, (at) => start[at] as number),
    end: Float64Array.from(chosen, (at) => end[at] as number),
    initial,
  };
}

function anomalyOf(relaxed: Relaxed, core: readonly number[]): RegisterAnomaly {
  const { operations } = relaxed;
  const { kind, value, start, end, initial } = operations;
  const expectations = new Map<number, number>();
  let absences = 0;
  for (const at of core) {
    const met = valueMet(operations, at);
    if (met === null) continue;
    if (met === 0) absences++;
    if (kind[at] === cas) expectations.set(met, (expectations.get(met) ?? 0) + 1);
    if (met === initial) continue;
    const by = relaxed.writersOf(met);
    if (by.length === 0) return 'phantom read';
    if (by.every((other) => (end[at] as number) < (start[other] as number))) return 'future read';
  }
  const deletes = core.some((at) => kind[at] !== read && value[at] === 0);
  if (absences > 1 && deletes) return 'contradiction';
  if ([...expectations.values()].some((times) => times > 1)) return 'lost update';
  if (core.some((at) => kind[at] === read)) return 'stale read';
  const isVague = core.some((at) => kind[at] === update);
  return !isVague && core.some((at) => kind[at] === write) ? 'lost update' : 'contradiction';
}
