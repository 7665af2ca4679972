import type { Millis } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { EventQueue, type QueuedEvent } from './event-queue.js';
import { type SimSink, Trace } from './trace.js';

export interface WorldSetup {
  /** All chance in this world comes from it. */
  readonly seed: number;
  /** Past so many events the world is taken to be stuck in a livelock. */
  readonly eventsMax: number;
  /** Hears of everything that happens: far slower. */
  readonly sink?: SimSink;
  /** False: it does not hear of roles, which cost most. */
  readonly hasRoles?: boolean;
}

/** The simulated cluster never comes to rest: a livelock, or limits set too low. */
export class SimulationLimitError extends Error {
  override readonly name = 'SimulationLimitError';
}

/**
 * Virtual time and everything that is going to happen in it.
 *
 * A single queue ordered by (time, order of scheduling) drives all nodes, disks, links and clients. Nothing here or in
 * what it runs may await, read a real clock or draw chance from elsewhere: the same seed gives the same events, and
 * the same {@link Trace.hash}.
 */
export class World {
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly #queue = new EventQueue();
  readonly #eventsMax: number;
  #eventCount = 0;

  constructor(setup: WorldSetup) {
    this.random = new SeededRandom(setup.seed);
    this.trace = new Trace(setup.sink ?? null, setup.hasRoles);
    this.#eventsMax = setup.eventsMax;
  }

  /** Virtual milliseconds since the world began. */
  get now(): Millis {
    return this.trace.now;
  }

  /** When something happens next, as far as it is known now; infinite when nothing will. */
  get nextAt(): Millis {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.run !== null) return next.time;
      this.#queue.pop();
    }
    return Number.POSITIVE_INFINITY;
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  /** Runs `run` when virtual time reaches `time` (now, when that is past). The function returned cancels it. */
  at(time: Millis, run: () => void): () => void {
    const event = this.#queue.push(Math.max(time, this.now), run);
    return () => {
      event.run = null;
    };
  }

  after(delayMs: Millis, run: () => void): () => void {
    return this.at(this.now + delayMs, run);
  }

  /** Runs what happens up to `time`, and leaves the clock there. Throws {@link SimulationLimitError}. */
  runUntil(time: Millis): void {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.time > time) break;
      this.#queue.pop();
      this.#run(next);
    }
    this.trace.now = Math.max(this.now, time);
  }

  /** Runs the next thing that happens; false when nothing ever will. Throws {@link SimulationLimitError}. */
  step(): boolean {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      if (next.run === null) continue;
      this.#run(next);
      return true;
    }
    return false;
  }

  #run(event: QueuedEvent): void {
    if (event.run === null) return;
    this.trace.now = event.time;
    this.#eventCount++;
    if (this.#eventCount > this.#eventsMax) {
      throw new SimulationLimitError(
        `no rest after ${this.#eventsMax} events, at ${this.now.toFixed(3)} ms of virtual time`,
      );
    }
    event.run();
  }
}
