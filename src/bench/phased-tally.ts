/**
 * A load's tally in parts: by phase, so that what it was like while something was broken can be told from before and after;
 * and by tenths of a second, so that it is seen when clients were served again.
 */
import type { Millis } from '../core/ids.js';
import { entryOf } from '../core/lookup.js';
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

/** News of a fault may come after its first victims: errors of so long before count for it. */
const newsLateMs: Millis = 500;

interface HeldError {
  readonly operation: OperationName;
  readonly result: ErrorResult;
  readonly at: Millis;
  readonly phase: number;
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
  /** While nothing is known to be broken: the oldest first. */
  #held: HeldError[] = [];

  constructor(beganAt: Millis) {
    this.#beganAt = beganAt;
    this.#phase = { number: 0, isFault: false, from: beganAt };
    this.#before = this.#phase;
  }

  /** From now on. */
  begin(number: number, isFault: boolean, now: Millis): void {
    this.#before = this.#phase;
    this.#phase = { number, isFault, from: now };
    if (!isFault) return;
    this.#letGo(now - newsLateMs);
    for (const { operation, result } of this.#held.splice(0)) {
      this.#tallyIn(number).failed(operation, result);
    }
  }

  done(operation: OperationName, result: ClientResult, beganAt: Millis, endedAt: Millis): void {
    this.doneCount++;
    this.#tallyIn(this.#phaseOf(beganAt)).done(operation, result, beganAt, endedAt);
    const slot = Math.floor((endedAt - this.#beganAt) / slotMs);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + 1);
  }

  failed(operation: OperationName, result: ErrorResult, beganAt: Millis, at: Millis): void {
    this.errorCount++;
    const phase = this.#phaseOf(beganAt);
    if (this.#phase.isFault) this.#tallyIn(phase).failed(operation, result);
    else this.#held.push({ operation, result, at, phase });
  }

  /** `now`: of a load that is over, infinity. */
  take(now: Millis): TallyNews {
    this.#letGo(now - newsLateMs);
    const phases = [...this.#tallies].map(([phase, tally]) => ({ phase, tally: tally.pack() }));
    const slots = [...this.#slots].map(([slot, doneCount]) => ({ slot, doneCount }));
    this.#tallies.clear();
    this.#slots.clear();
    return { phases, slots };
  }

  #letGo(before: Millis): void {
    const isNew = ({ at }: HeldError): boolean => at > before;
    const found = this.#held.findIndex(isNew);
    const first = found === -1 ? this.#held.length : found;
    for (const { operation, result, phase } of this.#held.splice(0, first)) {
      this.#tallyIn(phase).failed(operation, result);
    }
  }

  #phaseOf(beganAt: Millis): number {
    const { isFault, from } = this.#phase;
    return isFault || beganAt >= from ? this.#phase.number : this.#before.number;
  }

  #tallyIn(phase: number): Tally {
    return entryOf(this.#tallies, phase, newTally);
  }
}

const newTally = (): Tally => new Tally();
