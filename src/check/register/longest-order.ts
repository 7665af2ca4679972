/**
 * The longest legal order of one key's operations, also where not all of them can be in one: operation after operation,
 * none before all that ended before it began (what Porcupine's `computePartial` collects, A. Athalye 2017). So where one
 * has no place, nothing that began after its end has one either.
 *
 * The engines decide; nothing else searches through orders. Let e be the first end of what has no place: all that ended
 * before e is in the order, nothing that began after e is, and of what was under way at e as much as there can be. The
 * latest e is the end of the operation with which the key stops being linearizable, and halving finds it.
 */
import type { Stages, UnknownReason } from '../budget.js';
import { linearOrder } from '../linearizable.js';
import { type RegisterOperations, registerKinds } from './operations.js';
import { writesAt } from './split.js';

export interface LongestOrder {
  readonly order: Int32Array;
  /** The first end of what is not in it; infinity: all that surely happened is. */
  readonly stuckAt: number;
  /** Why there may be a longer one; `null`: there is none. */
  readonly doubt: UnknownReason | null;
}

/** Choices of what was under way: each is one question to the engines. */
const choicesMax = 500;

export function longestOrder(operations: RegisterOperations, stages: Stages): LongestOrder {
  const whole = linearOrder(operations, stages.begin('legal order', 0.5));
  if ('witness' in whole) {
    return { order: whole.witness, stuckAt: Number.POSITIVE_INFINITY, doubt: null };
  }
  const found = new OrderSearch(operations, stages).run();
  return 'why' in whole ? { ...found, doubt: whole.why } : found;
}

class OrderSearch {
  readonly #operations: RegisterOperations;
  readonly #stages: Stages;
  /** Those that ended, by their ends. */
  readonly #byEnd: readonly number[];
  #best: Int32Array = new Int32Array(0);
  #bestCount = -1;
  #choices = 0;
  #doubt: UnknownReason | null = null;

  constructor(operations: RegisterOperations, stages: Stages) {
    const { count, end } = operations;
    this.#operations = operations;
    this.#stages = stages;
    const all = Array.from({ length: count }, (_, at) => at);
    const endOf = (at: number): number => end[at] as number;
    this.#byEnd = all.filter((at) => Number.isFinite(end[at])).sort((a, b) => endOf(a) - endOf(b));
  }

  run(): LongestOrder {
    const { start, end } = this.#operations;
    for (let at = this.#firstWithoutPlace(); at >= 0; at--) {
      const now = end[this.#byEnd[at] as number] as number;
      const begun = this.#byEnd.filter((other) => (start[other] as number) <= now);
      // All that began later has less.
      if (begun.length <= this.#bestCount) break;
      this.#chooseAt(now, begun);
    }
    const isIn = new Set(this.#best);
    const stuck = this.#byEnd.find((at) => !isIn.has(at));
    const stuckAt = stuck === undefined ? Number.POSITIVE_INFINITY : (end[stuck] as number);
    return { order: this.#best, stuckAt, doubt: this.#doubt };
  }

  /** Its rank by end. Early ones first: a short prefix is soon judged, and something to show. */
  #firstWithoutPlace(): number {
    const { start, end } = this.#operations;
    let [low, high] = [-1, this.#byEnd.length - 1];
    for (let ahead = 64; high - low > 1; ahead *= 2) {
      const rank = Math.min(low + ahead, (low + high) >> 1);
      const now = end[this.#byEnd[rank] as number] as number;
      const ended = new Set(this.#byEnd.slice(0, rank + 1));
      const order = this.#orderOf(
        (at) => ended.has(at),
        (at) => (start[at] as number) <= now,
      );
      if (order === null) {
        high = rank;
        continue;
      }
      low = rank;
      this.#keep(order);
    }
    return high;
  }

  /** As many as can be of those that have begun; those that ended before now all of them. */
  #chooseAt(now: number, begun: readonly number[]): void {
    const { kind, start, end } = this.#operations;
    const isFree = (at: number): boolean =>
      (end[at] as number) >= now && kind[at] !== registerKinds.write;
    // What was written without looking can always come last.
    const required = new Set(begun.filter((at) => !isFree(at)));
    const orderWith = (more: readonly number[]): Int32Array | null => {
      const wanted = new Set([...required, ...more]);
      return this.#orderOf(
        (at) => wanted.has(at),
        (at) => (start[at] as number) <= now,
      );
    };
    const alone = orderWith([]);
    if (alone === null) return;
    this.#keep(alone);
    const free = begun.filter((at) => isFree(at) && orderWith([at]) !== null);
    this.#choose(free, [], required.size, orderWith);
  }

  /** Each of `free` in or out, first in; without what can't beat the best. */
  #choose(
    free: readonly number[],
    chosen: readonly number[],
    requiredCount: number,
    orderWith: (more: readonly number[]) => Int32Array | null,
  ): void {
    const [next, ...others] = free;
    if (next === undefined) return;
    if (requiredCount + chosen.length + free.length <= this.#bestCount) return;
    if (++this.#choices > choicesMax) {
      this.#doubt ??= 'work limit';
      return;
    }
    const more = [...chosen, next];
    const order = orderWith(more);
    if (order !== null) {
      this.#keep(order);
      this.#choose(others, more, requiredCount, orderWith);
    }
    this.#choose(others, chosen, requiredCount, orderWith);
  }

  #keep(order: Int32Array): void {
    const count = order.filter((at) => Number.isFinite(this.#operations.end[at])).length;
    if (count <= this.#bestCount) return;
    this.#best = order;
    this.#bestCount = count;
  }

  /** A legal order of all required operations and perhaps of others that are allowed; `null`: there is none. */
  #orderOf(
    isRequired: (at: number) => boolean,
    isAllowed: (at: number) => boolean,
  ): Int32Array | null {
    const why = this.#stages.begin('legal order').spent(0);
    if (why !== null) {
      this.#doubt = why;
      return null;
    }
    const operations = this.#operations;
    const kept: number[] = [];
    for (let at = 0; at < operations.count; at++) {
      if (isRequired(at) || (isAllowed(at) && writesAt(operations, at))) kept.push(at);
    }
    const of = <T extends Uint8Array | Int32Array | Float64Array>(column: T): T =>
      column
        .map((_, place) => column[kept[place] as number] as number)
        .subarray(0, kept.length) as T;
    const { kind, value, expected, start, initial } = operations;
    const end = Float64Array.from(kept, (at) =>
      isRequired(at) ? (operations.end[at] as number) : Number.POSITIVE_INFINITY,
    );
    const part = {
      ...{ count: kept.length, kind: of(kind), value: of(value), expected: of(expected) },
      ...{ start: of(start), end, initial },
    };
    const found = linearOrder(part, this.#stages.begin('legal order', 0.25));
    if ('witness' in found) return found.witness.map((place) => kept[place] as number);
    if ('why' in found) this.#doubt = found.why;
    return null;
  }
}
