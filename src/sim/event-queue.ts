import type { Millis } from '../core/ids.js';

/** Of what nobody in the world does: faults, and who drives it. */
export const nobodysLane = -1;

/**
 * What is going to happen in a world, once. What happens most is a class of its own with what it needs as fields: a third of
 * the memory of a function and an event that calls it.
 */
export abstract class Happening {
  time: Millis = 0;
  /** Under another order than that of time: which others it must not overtake, and what it comes before (event-order.ts). */
  lane = nobodysLane;
  priority = 0;
  isCancelled = false;

  abstract happen(): void;
}

/** Something that is not worth a class. */
export class Errand extends Happening {
  readonly #run: () => void;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }

  happen(): void {
    this.#run();
  }
}

const roomMin = 64;

/**
 * A binary heap of events: earliest first and, at one time, in the order they were pushed. What is compared stands in arrays of
 * numbers: events are of several classes, and to ask each for its time takes longer.
 */
export class EventQueue {
  readonly #events: Happening[] = [];
  #times = new Float64Array(roomMin);
  /** The how manieth each was to be pushed. */
  #ranks = new Float64Array(roomMin);
  #pushed = 0;

  push(time: Millis, event: Happening): void {
    event.time = time;
    let at = this.#events.push(event) - 1;
    if (at === this.#times.length) this.#grow();
    while (at > 0) {
      const above = (at - 1) >> 1;
      // At the same time what was pushed before comes before it.
      if ((this.#times[above] as Millis) <= time) break;
      this.#move(above, at);
      at = above;
    }
    this.#events[at] = event;
    this.#times[at] = time;
    this.#ranks[at] = this.#pushed++;
  }

  peek(): Happening | undefined {
    return this.#events[0];
  }

  /** The next one up to that time. */
  pop(until = Number.POSITIVE_INFINITY): Happening | undefined {
    const first = this.#events[0];
    if (first === undefined || (this.#times[0] as Millis) > until) return undefined;
    // The last is put in at the top, and sinks.
    const last = this.#events.length - 1;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= last) break;
      if (below + 1 < last && this.#isBefore(below + 1, below)) below++;
      if (!this.#isBefore(below, last)) break;
      this.#move(below, at);
      at = below;
    }
    this.#move(last, at);
    this.#events.pop();
    return first;
  }

  #isBefore(one: number, other: number): boolean {
    const time = this.#times[one] as Millis;
    const than = this.#times[other] as Millis;
    if (time !== than) return time < than;
    return (this.#ranks[one] as number) < (this.#ranks[other] as number);
  }

  #move(from: number, to: number): void {
    this.#events[to] = this.#events[from] as Happening;
    this.#times[to] = this.#times[from] as Millis;
    this.#ranks[to] = this.#ranks[from] as number;
  }

  #grow(): void {
    const [times, ranks] = [this.#times, this.#ranks];
    this.#times = new Float64Array(2 * times.length);
    this.#ranks = new Float64Array(2 * times.length);
    this.#times.set(times);
    this.#ranks.set(ranks);
  }
}
