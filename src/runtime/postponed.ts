import type { Millis } from '../core/ids.js';
import type { Clock } from './ports.js';

interface Waiting {
  readonly sinceMs: Millis;
  readonly run: () => void;
  cancel: () => void;
}

/** What waits for a delay that may change meanwhile. */
export class Postponed {
  readonly #clock: Pick<Clock, 'now' | 'at'>;
  readonly #waiting = new Set<Waiting>();
  #delayMs: Millis = 0;

  constructor(clock: Pick<Clock, 'now' | 'at'>) {
    this.#clock = clock;
  }

  get delayMs(): Millis {
    return this.#delayMs;
  }

  /** It holds for what waits already, too. */
  set delayMs(ms: Millis) {
    this.#delayMs = ms;
    for (const waiting of this.#waiting) {
      waiting.cancel();
      this.#arm(waiting);
    }
  }

  /** Never runs it from within. The function returned cancels it. */
  add(run: () => void): () => void {
    const waiting = { sinceMs: this.#clock.now(), run, cancel: () => {} };
    this.#waiting.add(waiting);
    this.#arm(waiting);
    return () => {
      this.#waiting.delete(waiting);
      waiting.cancel();
    };
  }

  #arm(waiting: Waiting): void {
    waiting.cancel = this.#clock.at(waiting.sinceMs + this.#delayMs, () => {
      if (this.#waiting.delete(waiting)) waiting.run();
    });
  }
}
