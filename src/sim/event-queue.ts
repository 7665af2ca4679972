import type { Millis } from '../core/ids.js';

/** Of what nobody in the world does: faults, and who drives it. */
export const nobodysLane = -1;

export interface QueuedEvent {
  time: Millis;
  readonly sequence: number;
  /** `null` once cancelled. */
  run: (() => void) | null;
  /** Under another order than that of time: which others it must not overtake, and what it comes before (event-order.ts). */
  readonly lane: number;
  priority: number;
}

/** A binary heap of events: earliest first and, at one time, in the order they were pushed. */
export class EventQueue {
  readonly #heap: QueuedEvent[] = [];
  #sequence = 0;

  push(time: Millis, run: () => void, lane = nobodysLane): QueuedEvent {
    const event: QueuedEvent = { time, sequence: this.#sequence++, run, lane, priority: 0 };
    this.#heap.push(event);
    this.#rise(this.#heap.length - 1, event);
    return event;
  }

  peek(): QueuedEvent | undefined {
    return this.#heap[0];
  }

  /** The next one up to that time. */
  pop(until = Number.POSITIVE_INFINITY): QueuedEvent | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.time > until) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  #rise(from: number, event: QueuedEvent): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as QueuedEvent;
      if (!isBefore(event, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  /** Puts `event` in at the top, in the place of what was popped. */
  #sink(event: QueuedEvent): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && isBefore(heap[right] as QueuedEvent, heap[below] as QueuedEvent))
        below = right;
      const child = heap[below] as QueuedEvent;
      if (!isBefore(child, event)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = event;
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
