import type { Millis } from '../core/ids.js';
import type { AfterPromises } from '../sim/virtual-time.js';

export interface ShrinkBudget {
  /** After which the smallest so far is what is told. */
  readonly forMs: Millis;
  /** Monotonic: a clock, or the time that processors have spent. */
  now(): Millis;
  readonly afterPromises: AfterPromises;
  /** How far it is: lines of the smallest so far, `null` before there is one, and runs. */
  says?(lines: number | null, runs: number): void;
}
