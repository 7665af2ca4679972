/**
 * Transactions that wait to begin: because too much is under way, or because a worker that has nearly caught up needs
 * the others to stand still for a moment. Nothing of them has been sent anywhere, so giving one up is definite.
 *
 * Small and large ones wait apart: workers take their time over large ones, and what is small need not wait for that.
 */

import type { Millis } from '../../../core/ids.js';
import { TransientMap } from '../../../core/transient.js';
import { bounds } from '../options.js';
import type { Pending } from './pool.js';

export class Queue {
  readonly #small = new Lane();
  readonly #large = new Lane();
  #arrivals = 0;
  #bytes = 0;

  get size(): number {
    return this.#small.waiting.size + this.#large.waiting.size;
  }

  /** Nothing waits that this one would overtake. */
  isEmptyFor(pending: Pending): boolean {
    return this.#laneOf(pending).waiting.size === 0;
  }

  /** False when the queue is full. */
  push(pending: Pending): boolean {
    if (this.size >= bounds.queueMax) return false;
    if (this.#bytes + pending.bytes > bounds.queueBytesMax) return false;
    this.#arrivals += 1;
    this.#laneOf(pending).waiting.set(this.#arrivals, pending);
    this.#bytes += pending.bytes;
    return true;
  }

  /** The one that has waited longest among those that may begin. */
  shift(mayBegin: (pending: Pending) => boolean): Pending | null {
    let first: readonly [number, Pending] | null = null;
    for (const lane of [this.#small, this.#large]) {
      const next = lane.first();
      if (next === null || (first !== null && first[0] < next[0])) continue;
      if (mayBegin(next[1])) first = next;
    }
    if (first === null) return null;
    this.#remove(...first);
    return first[1];
  }

  takeExpired(now: Millis): readonly Pending[] {
    const expired: Pending[] = [];
    for (const { waiting } of [this.#small, this.#large]) {
      for (const [arrival, pending] of waiting) {
        if (pending.deadline > now) continue;
        this.#remove(arrival, pending);
        expired.push(pending);
      }
    }
    return expired;
  }

  #laneOf({ bytes }: Pending): Lane {
    return bytes <= bounds.smallBytesMax ? this.#small : this.#large;
  }

  #remove(arrival: number, pending: Pending): void {
    this.#laneOf(pending).waiting.delete(arrival);
    this.#bytes -= pending.bytes;
  }
}

class Lane {
  /** By arrival; a Map, because those that expire leave from the middle. */
  readonly waiting = new TransientMap<number, Pending>();

  first(): readonly [number, Pending] | null {
    for (const entry of this.waiting) return entry;
    return null;
  }
}
