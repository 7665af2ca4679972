/** Time that goes on only when it is told to. */
import type { Timing } from '../../client/endpoint.js';
import type { Millis } from '../../core/ids.js';

export class ManualTiming implements Timing {
  #now: Millis = 0;
  #timers: { readonly at: Millis; readonly run: () => void }[] = [];

  now(): Millis {
    return this.#now;
  }

  random(): number {
    return 0.5;
  }

  after(ms: Millis, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  wait<T>(begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) {
    return new Promise<T>(begin);
  }

  sleep(ms: Millis): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs, one after another, all that is due by then. */
  goTo(at: Millis): void {
    for (;;) {
      const [next] = this.#timers.filter((each) => each.at <= at).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = at;
  }
}
