import type { Millis } from '../core/ids.js';
import type { NodeFaults } from '../faults/active.js';
import type { Clock } from './ports.js';
import { Postponed } from './postponed.js';

/** A node's clock with what is wrong with it: its wall clock is not right, and its turns begin late. */
export class FaultyClock implements Clock {
  readonly now: Clock['now'];
  readonly at: Clock['at'];
  readonly #inner: Clock;
  readonly #turns: Postponed;
  #wrong: NodeFaults['clock'] | undefined;

  constructor(inner: Clock) {
    this.#inner = inner;
    this.now = () => inner.now();
    this.at = (deadline, run) => inner.at(deadline, run);
    this.#turns = new Postponed(inner);
  }

  /** From now on; a turn that waits begins when it should by the new delay. */
  setFaults({ clock, turnDelayMs = 0 }: Partial<NodeFaults>): void {
    this.#wrong = clock;
    if (turnDelayMs !== this.#turns.delayMs) this.#turns.delayMs = turnDelayMs;
  }

  wallClock(): Millis {
    const trueMs = this.#inner.wallClock();
    if (this.#wrong === undefined) return trueMs;
    const { skewMs, drift, sinceMs } = this.#wrong;
    return Math.floor(trueMs + skewMs + drift * (trueMs - sinceMs));
  }

  soon(run: () => void): void {
    if (this.#turns.delayMs === 0) this.#inner.soon(run);
    else this.#turns.add(() => this.#inner.soon(run));
  }
}
