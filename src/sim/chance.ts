/**
 * Chance that depends on when it is asked for and by whom, not on what was drawn before. A run from which something is left
 * out, a client or a fault, then meets the same latencies, delays and picks as before wherever that made no difference.
 */
import { mix32 } from '../core/hash.js';
import type { Millis } from '../core/ids.js';
import type { Random } from '../core/random.js';

/** What is drawn within so long depends on how many draws there were in it. */
const spanMs: Millis = 0.5;

/** Uniform in [0, 1): one number for each seed as long as a span lasts. */
export const steadyChance = (seed: number, now: Millis): number =>
  mix32(seed ^ mix32(Math.floor(now / spanMs))) / 2 ** 32;

/** Draws of one part of a world: in each span of time another sequence. */
export class TimedRandom implements Random {
  readonly #seed: number;
  readonly #time: { readonly now: Millis };
  #span = -1;
  #state = 0;

  /** `seed`: 32 bits. `time` tells what time it is. */
  constructor(seed: number, time: { readonly now: Millis }) {
    this.#seed = seed;
    this.#time = time;
  }

  /** In [0, 1), and the same all through a span. */
  get steady(): number {
    return steadyChance(this.#seed, this.#time.now);
  }

  next(): number {
    const span = Math.floor(this.#time.now / spanMs);
    if (span !== this.#span) {
      this.#span = span;
      this.#state = mix32(this.#seed ^ mix32(span));
    }
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return mix32(this.#state) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
