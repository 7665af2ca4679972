import type { Millis } from '../core/ids.js';
import { TransientMap } from '../core/transient.js';
import type { Timing } from './endpoint.js';

export interface Waiter {
  readonly timeoutMs: Millis;
  /** Set by the list. */
  deadline: Millis;
}

/** Those who are late are looked for no more often, however many wait. */
const stepMs: Millis = 5;

/** What waits at one connection for answers, by id. One timer serves all of it. */
export class WaitingList<W extends Waiter> {
  readonly #timing: Timing;
  readonly #onLate: (waiter: W) => void;
  readonly #waiters = new TransientMap<number, W>();
  #lastId = 0;
  /** When the timer fires next. */
  #dueAt = Number.POSITIVE_INFINITY;
  #cancel = (): void => {};

  /** `onLate` is called with each that has waited too long, after it has left the list. */
  constructor(timing: Timing, onLate: (waiter: W) => void) {
    this.#timing = timing;
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Returns its id: 1, 2, 3, … */
  add(waiter: W): number {
    this.#lastId += 1;
    this.#waiters.set(this.#lastId, waiter);
    this.refresh(waiter);
    return this.#lastId;
  }

  get(id: number): W | undefined {
    return this.#waiters.get(id);
  }

  /** It waits no longer. */
  remove(id: number): void {
    this.#waiters.delete(id);
  }

  /** Empties the list. */
  takeAll(): W[] {
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    this.#cancel();
    this.#dueAt = Number.POSITIVE_INFINITY;
    return waiters;
  }

  /** Its time begins anew. */
  refresh(waiter: W): void {
    waiter.deadline = this.#timing.now() + waiter.timeoutMs;
    this.#wakeAt(waiter.deadline);
  }

  #wakeAt(dueAt: Millis): void {
    if (dueAt >= this.#dueAt) return;
    this.#cancel();
    this.#dueAt = dueAt;
    this.#cancel = this.#timing.after(dueAt - this.#timing.now(), () => this.#takeLate());
  }

  #takeLate(): void {
    this.#dueAt = Number.POSITIVE_INFINITY;
    const now = this.#timing.now();
    const late: W[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [id, waiter] of this.#waiters) {
      if (waiter.deadline > now) next = Math.min(next, waiter.deadline);
      else {
        this.#waiters.delete(id);
        late.push(waiter);
      }
    }
    if (next < Number.POSITIVE_INFINITY) this.#wakeAt(Math.max(next, now + stepMs));
    for (const waiter of late) this.#onLate(waiter);
  }
}
