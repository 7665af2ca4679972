/**
 * Transactions that wait to begin: because too much is under way, or because a worker that has nearly caught up needs
 * the others to stand still for a moment. Nothing of them has been sent anywhere, so giving one up is definite.
 */
import type { Millis } from '../../../core/ids.js';
import { bounds } from '../options.js';
import type { Pending } from './pending.js';

export class Queue {
  /** By arrival; a Map, because those that expire leave from the middle. */
  readonly #waiting = new Map<number, Pending>();
  #arrivals = 0;
  #bytes = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** False when the queue is full. */
  push(pending: Pending): boolean {
    if (this.#waiting.size >= bounds.queueMax) return false;
    if (this.#bytes + pending.bytes > bounds.queueBytesMax) return false;
    this.#arrivals += 1;
    this.#waiting.set(this.#arrivals, pending);
    this.#bytes += pending.bytes;
    return true;
  }

  shift(): Pending | null {
    for (const [arrival, pending] of this.#waiting) {
      this.#remove(arrival, pending);
      return pending;
    }
    return null;
  }

  takeExpired(now: Millis): readonly Pending[] {
    const expired: Pending[] = [];
    for (const [arrival, pending] of this.#waiting) {
      if (pending.deadline > now) continue;
      this.#remove(arrival, pending);
      expired.push(pending);
    }
    return expired;
  }

  #remove(arrival: number, pending: Pending): void {
    this.#waiting.delete(arrival);
    this.#bytes -= pending.bytes;
  }
}
