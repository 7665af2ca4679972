/**
 * A few operations that explain why a prefix of the history is impossible.
 *
 * A set of operations is tried by demanding only these, while every other write may have happened within its interval
 * or not at all. What is impossible even then is impossible by itself, and in the whole history for the same reason:
 * no write that was left out could have helped. Demanding less never makes the possible impossible, so halving finds
 * one indispensable operation after another.
 *
 * Before the first operation that is demanded, the register may have held any value, so that only a window of a long
 * history is searched again.
 */
import { atMost } from '../budget.js';
import {
  type Budget,
  type RegisterAnomaly,
  type RegisterOperations,
  registerKinds,
} from '../register/operations.js';
import { search } from './search.js';
import { anyOther, leavesValue, roles, type Timeline, timelineOf, valueMet } from './timeline.js';

export interface Core {
  /** In the order of their starts. */
  readonly core: readonly number[];
  readonly anomaly: RegisterAnomaly;
}

const firstWindow = 16;
/** A few seconds at most: a larger core is no worse a proof. */
const questionsMax = 20_000;

/** `place`: the event, an end, up to which the operations are impossible. */
export function coreOf(timeline: Timeline, place: number, budget: Budget): Core {
  const { operations } = timeline;
  const prefix = new Prefix(timeline, place, atMost(questionsMax, budget));
  const last = (timeline.events[place] as number) >> 1;
  const indispensable = smallest(prefix, last);
  const core = [...indispensable, ...sourcesFor(operations, indispensable)];
  core.sort((a, b) => (operations.start[a] as number) - (operations.start[b] as number) || a - b);
  return { core, anomaly: anomalyOf(operations, core, last) };
}

/** Operations without any of which the rest is possible (if the budget lasts), `last` among them. */
function smallest(prefix: Prefix, last: number): number[] {
  const others = prefix.endedBefore(last);
  const found = [last];
  let length = firstWindow;
  while (length < others.length && !prefix.isImpossible([last, ...others.slice(0, length)])) {
    length *= 4;
  }
  // Together with `found` impossible, which is all that is certain when the budget is spent.
  let rest = others.slice(0, length);
  while (rest.length > 0 && !prefix.isImpossible(found)) {
    let possible = 0;
    let impossible = rest.length;
    while (impossible - possible > 1) {
      const middle = (possible + impossible) >> 1;
      if (prefix.isImpossible([...found, ...rest.slice(0, middle)])) impossible = middle;
      else if (prefix.isSpent) return [...found, ...rest.slice(0, impossible)];
      else possible = middle;
    }
    found.push(rest[impossible - 1] as number);
    rest = rest.slice(0, impossible - 1);
  }
  return found;
}

/** The operations up to an end. */
class Prefix {
  readonly #operations: RegisterOperations;
  readonly #budget: Budget;
  /** The writes that had begun, and the ends that had come, in order. */
  readonly #writes: number[] = [];
  readonly #ended: number[] = [];
  readonly #needed: Uint8Array;
  /** What the register can ever have held. */
  readonly #values: Set<number>;
  #isSpent = false;

  constructor(timeline: Timeline, place: number, budget: Budget) {
    this.#operations = timeline.operations;
    this.#budget = budget;
    this.#needed = new Uint8Array(timeline.operations.count);
    for (const event of timeline.events.subarray(0, place + 1)) {
      const at = event >> 1;
      if ((event & 1) === 1) this.#ended.push(at);
      else if (timeline.role[at] !== roles.observer) this.#writes.push(at);
    }
    const { initial, value } = timeline.operations;
    this.#values = new Set([initial, ...this.#writes.map((at) => value[at] as number)]);
  }

  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** Latest first. */
  endedBefore(last: number): number[] {
    return this.#ended.filter((at) => at !== last).reverse();
  }

  /** Whether these are impossible together, whichever of the other writes happened. Not known counts as not. */
  isImpossible(demanded: readonly number[]): boolean {
    this.#isSpent ||= this.#budget.spent(0) !== null;
    if (this.#isSpent) return false;
    const { start, end } = this.#operations;
    let from = Number.POSITIVE_INFINITY;
    for (const at of demanded) {
      from = Math.min(from, start[at] as number);
      this.#needed[at] = 1;
    }
    const spare = this.#writes.filter(
      (at) => this.#needed[at] === 0 && (end[at] as number) >= from,
    );
    const isWhole = this.#writes.every((at) => (end[at] as number) >= from);
    for (const at of demanded) this.#needed[at] = 0;
    const chosen = [...demanded, ...spare];
    const part = select(this.#operations, chosen);
    const required = new Uint8Array(chosen.length).fill(1, 0, demanded.length);
    const initials = isWhole ? [part.initial] : this.#valuesBefore(part);
    const result = search(timelineOf(part, required), initials, this.#budget);
    this.#isSpent ||= result.type === 'unknown';
    return result.type === 'violated';
  }

  /** What the register may have held before a part of the history, as far as the part can tell. */
  #valuesBefore(part: RegisterOperations): number[] {
    const told = new Set([0]);
    for (let at = 0; at < part.count; at++) {
      const value = part.kind[at] === registerKinds.read ? part.value : part.expected;
      told.add(value[at] as number);
    }
    const possible = [...told].filter((value) => this.#values.has(value));
    return [...possible, part.initial, anyOther];
  }
}

function select(operations: RegisterOperations, chosen: readonly number[]): RegisterOperations {
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

/** For a reader to see where values came from: of each value met that no operation of the core wrote, a last writer. */
function sourcesFor(operations: RegisterOperations, core: readonly number[]): Set<number> {
  const { value, start, end, count, initial } = operations;
  const sources = new Set<number>();
  const written = new Set([initial]);
  for (const at of core) if (!leavesValue(operations, at)) written.add(value[at] as number);
  for (const reader of core) {
    const met = valueMet(operations, reader);
    if (met === null || written.has(met)) continue;
    let source = -1;
    for (let at = 0; at < count; at++) {
      if (value[at] !== met || leavesValue(operations, at)) continue;
      if ((start[at] as number) > (end[reader] as number)) continue;
      if (source === -1 || (start[at] as number) > (start[source] as number)) source = at;
    }
    if (source !== -1 && !core.includes(source)) sources.add(source);
    written.add(met);
  }
  return sources;
}

function anomalyOf(
  operations: RegisterOperations,
  core: readonly number[],
  last: number,
): RegisterAnomaly {
  const met = valueMet(operations, last);
  if (met === null) return 'contradiction';
  if (met !== operations.initial) {
    const { start, end } = operations;
    const writers = writersOf(operations, met);
    if (writers.length === 0) return 'phantom read';
    if (writers.every((at) => (start[at] as number) > (end[last] as number))) return 'future read';
  }
  if (operations.kind[last] === registerKinds.read) return 'stale read';
  return core.length > 1 ? 'lost update' : 'contradiction';
}

function writersOf(operations: RegisterOperations, value: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < operations.count; at++) {
    if (operations.value[at] === value && !leavesValue(operations, at)) found.push(at);
  }
  return found;
}
