/**
 * The longest legal order of a key's operations, step by step, and what has no place in it: for people who want to see how
 * far the history of a register is as it should be. For linearizability alone: the weaker models are no single order.
 */
import type { History } from '../history/history.js';
import { type Limited, stagesFor } from './check.js';
import { Narrator } from './evidence/narrator.js';
import { initialsFor } from './initial.js';
import { longestOrder } from './register/longest-order.js';
import { registerKinds } from './register/operations.js';
import { foundAt, type KeyOperations, readsAt, splitByKey } from './register/split.js';
import { step } from './register/witness.js';
import type { InitialReport } from './report.js';

export interface LegalStep {
  /** An index into the history. */
  readonly operation: number;
  /** What the key held before it and after it; `null`: nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface UnplacedOperation {
  readonly operation: number;
  /** What it saw, and what it could have seen. */
  readonly why: string;
}

export interface LegalOrder {
  readonly key: string;
  readonly steps: readonly LegalStep[];
  /** In the order of their ends. */
  readonly unplaced: readonly UnplacedOperation[];
  /** Operations that began after the first of {@link unplaced} had ended, and so have no place without it. */
  readonly laterCount: number;
  /** All that surely happened is in it: the key is linearizable. */
  readonly isWhole: boolean;
  /** Why a longer one may exist, such as `time limit`; `null`: there is none. */
  readonly doubt: string | null;
}

export interface LegalOrderLimits extends Limited {
  /** As the history's report has it; absent: keys began with nothing. */
  readonly initial?: InitialReport | null;
}

/**
 * `null`: nothing is known to have happened to such a key, or it is no register (texts that are appended to, transactions).
 * About a second for 10,000 operations of a key.
 */
export function longestLegalOrder(
  given: History,
  key: string,
  limits: LegalOrderLimits = {},
): LegalOrder | null {
  const { history, initials } = initialsFor(given, limits.initial ?? null);
  const id = history.keys.indexOf(key);
  const found = splitByKey(history, initials).find((operations) => operations.key === id);
  if (found === undefined) return null;
  const { order, stuckAt, doubt } = longestOrder(found.register, stagesFor(limits));
  return new Told(history, found, order).told(stuckAt, doubt);
}

class Told {
  readonly #narrator: Narrator;
  readonly #of: KeyOperations;
  readonly #order: Int32Array;
  /** What the key holds before the first step, and after each. */
  readonly #held: Int32Array;

  constructor(history: History, of: KeyOperations, order: Int32Array) {
    this.#narrator = new Narrator(history);
    this.#of = of;
    this.#order = order;
    this.#held = new Int32Array(order.length + 1);
    this.#held[0] = of.register.initial;
    order.forEach((at, place) => {
      this.#held[place + 1] = step(of.register, at, this.#held[place] as number);
    });
  }

  told(stuckAt: number, doubt: string | null): LegalOrder {
    const { index, key, register } = this.#of;
    const { history } = this.#narrator;
    const text = (place: number): string | null =>
      history.values[this.#id(this.#held[place] as number)] ?? null;
    const isIn = new Set(this.#order);
    const unplaced: number[] = [];
    let laterCount = 0;
    for (let at = 0; at < register.count; at++) {
      if (isIn.has(at) || register.end[at] === Number.POSITIVE_INFINITY) continue;
      if ((register.start[at] as number) > stuckAt) laterCount++;
      else unplaced.push(at);
    }
    unplaced.sort((a, b) => (register.end[a] as number) - (register.end[b] as number));
    return {
      key: history.keys[key] ?? '',
      steps: Array.from(this.#order, (at, place) => ({
        operation: index[at] as number,
        before: text(place),
        after: text(place + 1),
      })),
      unplaced: unplaced.map((at) => ({ operation: index[at] as number, why: this.#why(at) })),
      ...{ laterCount, isWhole: unplaced.length === 0, doubt },
    };
  }

  #id(value: number): number {
    return this.#of.values[value] as number;
  }

  #why(at: number): string {
    const { index, register } = this.#of;
    const operation = index[at] as number;
    const name = this.#narrator.key(operation) ?? '';
    const met = this.#heldDuring(at);
    const held = listed(met.map((value) => this.#narrator.value(this.#id(value))));
    const did = this.#narrator.whoDid(operation);
    const isMet = readsAt(register, at)
      ? met.includes(foundAt(register, at))
      : met.some((value) => value !== 0);
    if (isMet && register.kind[at] !== registerKinds.read) {
      return `${did}, which would hide from others what they found then`;
    }
    return `${did}, but all that ${name} held while that was under way is ${held}`;
  }

  /** What the key holds in the order, from when all is done that ended before the operation began, to its end. */
  #heldDuring(at: number): number[] {
    const { start, end } = this.#of.register;
    const began = start[at] as number;
    const from = this.#order.findLastIndex((other) => (end[other] as number) < began) + 1;
    const after = this.#order.findIndex((other) => (start[other] as number) > (end[at] as number));
    return [...new Set(this.#held.slice(from, (after === -1 ? this.#order.length : after) + 1))];
  }
}

const shownMax = 5;

/** `1`, `1 and then 2`, `1, 2 and then 3`. */
function listed(values: readonly string[]): string {
  const left = values.length - shownMax;
  const shown = left > 0 ? ['…', ...values.slice(-shownMax)] : values;
  return shown.length < 2
    ? shown.join()
    : `${shown.slice(0, -1).join(', ')} and then ${shown.at(-1)}`;
}
