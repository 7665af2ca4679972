/**
 * Which of the events that could come next does. By delay alone the order of events is as random as delays are: two nodes of
 * which one must be much faster, at the right time, than the other are rare. Two ways to look for orders like that:
 *
 * - POS, partial order sampling (Yuan, Yang, Gu: Partial Order Aware Concurrency Sampling, CAV 2018). Every event has a random
 *   priority; once one has happened at a node, those that raced with it there are given new ones.
 * - PCT, probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with
 *   Probabilistic Guarantees of Finding Bugs, ASPLOS 2010). Nodes and clients have random priorities; at `depth` - 1 random
 *   times the one whose turn it is falls behind all others.
 *
 * Time is virtual, so what could come next is what is due within a window from the earliest event on. The others are late by
 * that much at most, as though the network, the disk or the processor had been.
 */
import { mix32 } from '../core/hash.js';
import type { Millis } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { EventQueue, type Happening, nobodysLane } from './event-queue.js';

/** What `--order` takes. */
export const orderNames = ['delay', 'pos', 'pct'] as const;
export type OrderName = (typeof orderNames)[number];

export type EventOrder =
  | { readonly by: 'delay' }
  | { readonly by: 'pos'; readonly windowMs: Millis }
  | { readonly by: 'pct'; readonly windowMs: Millis; readonly depth: number };

/** Small beside what protocols wait for. */
const windowsMs: readonly Millis[] = [0.5, 1, 2, 5];

/** Of its own chance, so that all else is drawn alike whatever the order. `asked` is taken in any case. */
export function drawOrder(seed: number, asked?: OrderName): EventOrder {
  const random = orderRandom(seed);
  const drawn = random.pick<OrderName>(['delay', 'delay', 'delay', 'delay', 'pos', 'pct']);
  const [windowMs, depth] = [random.pick(windowsMs), 2 + random.below(3)];
  const by = asked ?? drawn;
  if (by === 'delay') return { by };
  return by === 'pos' ? { by, windowMs } : { by, windowMs, depth };
}

/** What no other generator of a run is seeded with. */
const orderRandom = (seed: number): SeededRandom => new SeededRandom(seed + 0x1234_5678_9abc);

/** More nodes than this are not simulated. */
export const nodesSpan = 0x10000;

/** Events of one lane keep their order. The lane of a link is its direction; this is of all else that happens at a node. */
export const nodeLane = (index: number): number => index * nodesSpan + index;

/** Clients number from the other end. */
export const clientLane = (index: number): number => nodeLane(nodesSpan - 1 - index);

/** Who does it: a node, or a client. */
const taskOf = (lane: number): number => lane % nodesSpan;

/** What a world takes its events from. */
export type Queue = Pick<EventQueue, 'push' | 'peek' | 'pop'>;

export function queueOf(order: EventOrder, seed: number): Queue {
  if (order.by === 'delay') return new EventQueue();
  const own = orderRandom(seed).fork().uint32();
  const { windowMs } = order;
  return new WindowQueue(
    windowMs,
    order.by === 'pos' ? new Sampling(own) : new Falling(own, order.depth),
  );
}

/** Whose turn it is: the highest priority's. All chance depends on who it is and when, as elsewhere in a world (chance.ts). */
interface Priorities {
  /** Of an event that comes within the window. */
  of(event: Happening): number;
  /** `event` comes next; `others` could have. */
  chose(event: Happening, others: readonly Happening[]): void;
}

class Sampling implements Priorities {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  of({ lane, time }: Happening): number {
    return mix32(mix32(this.#seed ^ lane) ^ microsOf(time));
  }

  chose({ lane, time }: Happening, others: readonly Happening[]): void {
    for (const other of others) {
      if (taskOf(other.lane) === taskOf(lane)) {
        other.priority = mix32(other.priority ^ microsOf(time));
      }
    }
  }
}

const microsOf = (time: Millis): number => Math.floor(1000 * time) | 0;

/** Until its faults are over most runs take about so long. */
const fallsWithinMs: Millis = 1_000;

class Falling implements Priorities {
  readonly #seed: number;
  readonly #fallen = new Map<number, number>();
  /** When a priority falls: whoever's turn it is then. */
  readonly #fallsAt: Millis[];

  constructor(seed: number, depth: number) {
    const random = new SeededRandom(seed);
    this.#seed = seed;
    this.#fallsAt = Array.from({ length: depth - 1 }, () => fallsWithinMs * random.next());
    this.#fallsAt.sort((a, b) => a - b);
  }

  of({ lane }: Happening): number {
    const task = taskOf(lane);
    return this.#fallen.get(task) ?? mix32(this.#seed ^ task);
  }

  chose(event: Happening, others: readonly Happening[]): void {
    if (event.time < (this.#fallsAt[0] ?? Number.POSITIVE_INFINITY)) return;
    this.#fallsAt.shift();
    this.#fallen.set(taskOf(event.lane), -1 - this.#fallen.size);
    for (const other of others) other.priority = this.of(other);
  }
}

/**
 * Events due within a window come in the order of their priorities, but for those of one lane. What is nobody's comes when it
 * is due, whatever is late by then.
 */
class WindowQueue implements Queue {
  readonly #windowMs: Millis;
  readonly #priorities: Priorities;
  readonly #nobodys = new EventQueue();
  readonly #later = new EventQueue();
  /** Those within the window, by time. */
  readonly #open: Happening[] = [];
  #now: Millis = 0;

  constructor(windowMs: Millis, priorities: Priorities) {
    this.#windowMs = windowMs;
    this.#priorities = priorities;
  }

  push(time: Millis, event: Happening): void {
    (event.lane === nobodysLane ? this.#nobodys : this.#later).push(time, event);
  }

  peek(): Happening | undefined {
    const next = this.#next();
    const nobodys = this.#nobodys.peek();
    if (next === undefined || nobodys === undefined) return next ?? nobodys;
    return next.time < nobodys.time ? next : nobodys;
  }

  pop(until = Number.POSITIVE_INFINITY): Happening | undefined {
    const first = this.#next();
    const chosen =
      first === undefined || first.time > until
        ? undefined
        : this.#choose(Math.min(until, first.time + this.#windowMs));
    // Late: time does not go back.
    const at = chosen === undefined ? until : Math.max(this.#now, chosen.time);
    const nobodys = this.#nobodys.pop(at);
    if (nobodys !== undefined) {
      this.#now = Math.max(this.#now, nobodys.time);
      return nobodys;
    }
    if (chosen === undefined) return undefined;
    this.#open.splice(this.#open.indexOf(chosen), 1);
    this.#priorities.chose(chosen, this.#open);
    this.#now = at;
    chosen.time = at;
    return chosen;
  }

  /** The earliest but for nobody's. */
  #next(): Happening | undefined {
    while (this.#open[0]?.isCancelled) this.#open.shift();
    while (this.#later.peek()?.isCancelled) this.#later.pop();
    const [open] = this.#open;
    const later = this.#later.peek();
    if (open === undefined || later === undefined) return open ?? later;
    return later.time < open.time ? later : open;
  }

  /** Among those due by `end`, of each lane the first. */
  #choose(end: Millis): Happening {
    this.#openUntil(end);
    let [chosen] = this.#open as [Happening];
    const lanes = new Set<number>();
    for (const event of this.#open) {
      if (event.time > end) break;
      if (event.isCancelled || lanes.has(event.lane)) continue;
      lanes.add(event.lane);
      if (event.priority > chosen.priority) chosen = event;
    }
    return chosen;
  }

  #openUntil(end: Millis): void {
    const later = this.#later;
    for (let event = later.pop(end); event !== undefined; event = later.pop(end)) {
      event.priority = this.#priorities.of(event);
      const { time } = event;
      const before = this.#open.findLastIndex((other) => other.time <= time);
      this.#open.splice(before + 1, 0, event);
    }
  }
}
