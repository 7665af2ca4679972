/**
 * A load's tally in parts: by phase, so that what it was like while something was broken can be told from before and after;
 * and by tenths of a second, so that it is seen when clients were served again.
 */
import type { Millis } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';
import { type LoadTally, type OperationName, type PackedTally, Tally } from './tally.js';

export const slotMs: Millis = 100;

/** What has been counted since the last time that somebody took it. */
export interface TallyNews {
  readonly phases: readonly { readonly phase: number; readonly tally: PackedTally }[];
  /** Answers in each slot since the load began, those that have any. */
  readonly slots: readonly { readonly slot: number; readonly doneCount: number }[];
}

interface Phase {
  readonly number: number;
  readonly isFault: boolean;
  readonly from: Millis;
}

/**
 * An operation that was under way while something was broken counts for that phase, whether it began before or ended after
 * it: before is what had ended before it, after is what began after it.
 */
export class PhasedTally implements LoadTally {
  doneCount = 0;
  errorCount = 0;
  readonly #beganAt: Millis;
  #phase: Phase;
  #before: Phase;
  readonly #tallies = new Map<number, Tally>();
  readonly #slots = new Map<number, number>();

  constructor(beganAt: Millis) {
    this.#beganAt = beganAt;
    this.#phase = { number: 0, isFault: false, from: beganAt };
    this.#before = this.#phase;
  }

  /** From now on. */
  begin(number: number, isFault: boolean, now: Millis): void {
    this.#before = this.#phase;
    this.#phase = { number, isFault, from: now };
  }

  done(operation: OperationName, result: ClientResult, beganAt: Millis, endedAt: Millis): void {
    this.doneCount++;
    this.#tallyOf(beganAt).done(operation, result, beganAt, endedAt);
    const slot = Math.floor((endedAt - this.#beganAt) / slotMs);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + 1);
  }

  failed(operation: OperationName, result: ErrorResult, beganAt: Millis): void {
    this.errorCount++;
    this.#tallyOf(beganAt).failed(operation, result);
  }

  take(): TallyNews {
    const phases = [...this.#tallies].map(([phase, tally]) => ({ phase, tally: tally.pack() }));
    const slots = [...this.#slots].map(([slot, doneCount]) => ({ slot, doneCount }));
    this.#tallies.clear();
    this.#slots.clear();
    return { phases, slots };
  }

  #tallyOf(beganAt: Millis): Tally {
    const { isFault, from } = this.#phase;
    const { number } = isFault || beganAt >= from ? this.#phase : this.#before;
    let tally = this.#tallies.get(number);
    if (tally === undefined) {
      tally = new Tally();
      this.#tallies.set(number, tally);
    }
    return tally;
  }
}
