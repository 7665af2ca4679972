import { hash32 } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import type { TraceData, TracedFate, TypedData } from '../core/trace-event.js';
import type { Shape } from '../core/wire.js';
import { faultTrack } from '../runtime/tracing/fault-track.js';
import {
  type CarriedMessage,
  carriedShape,
  fateOf,
  Tracer,
  type TraceSink,
} from '../runtime/tracing/tracer.js';
import { TimedRandom } from './chance.js';
import { type EventOrder, type Queue, queueOf } from './event-order.js';
import { Errand, type Happening, nobodysLane } from './event-queue.js';
import { hashed, Trace } from './trace.js';

export interface WorldSetup {
  /** All chance in this world comes from it. */
  readonly seed: number;
  /** Past so many events the world is taken to be stuck in a livelock. */
  readonly eventsMax: number;
  /** Nothing happens any more once this is violated. */
  readonly stopsAt?: string | undefined;
  /** Hears of everything that happens: far slower. */
  readonly sink?: TraceSink;
  /** False: it does not hear of roles, which cost most. */
  readonly hasRoles?: boolean;
  /** Which of the events that could come next does; by time when left out. */
  readonly order?: EventOrder;
  /** Looks at the world after each event that {@link World.step} runs, whose lane it is told. */
  readonly watch?: WorldWatch | undefined;
}

export type WorldWatch = (lane: number) => void;

/** The simulated cluster never comes to rest: a livelock, or limits set too low. */
export class SimulationLimitError extends Error {
  override readonly name = 'SimulationLimitError';
}

/** What the world was to stop at has come. */
export class WorldStoppedError extends Error {
  override readonly name = 'WorldStoppedError';
}

/**
 * Virtual time and everything that is going to happen in it.
 *
 * A single queue ordered by (time, order of scheduling), or as {@link EventOrder} says, drives all nodes, disks, links and
 * clients. Nothing here or in what it runs may await, read a real clock or draw chance from elsewhere: the same seed gives the
 * same events, and the same {@link Trace.hash}.
 */
export class World {
  /** For what is drawn before anything happens: each draw depends on those before. */
  readonly random: SeededRandom;
  readonly trace = new Trace();
  /** `null`: nobody hears what happens. */
  readonly sink: TraceSink | null;
  readonly hasRoles: boolean;
  readonly watch: WorldWatch | null;
  readonly #tracers = new Map<NodeId, Tracer>();
  readonly #queue: Queue;
  readonly #eventsMax: number;
  readonly #chanceSeed: number;
  #eventCount = 0;
  #toldCount = 0;
  readonly #stopsAt: string | undefined;
  #isStopped = false;

  constructor(setup: WorldSetup) {
    this.random = new SeededRandom(setup.seed);
    this.#chanceSeed = this.random.uint32();
    this.sink = setup.sink ?? null;
    this.hasRoles = setup.hasRoles ?? true;
    this.watch = setup.watch ?? null;
    this.#eventsMax = setup.eventsMax;
    this.#stopsAt = setup.stopsAt;
    this.#queue = queueOf(setup.order ?? { by: 'delay' }, setup.seed);
  }

  /** Virtual milliseconds since the world began. */
  get now(): Millis {
    return this.trace.now;
  }

  /** When something happens next, as far as it is known now; infinite when nothing will. */
  get nextAt(): Millis {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (!next.isCancelled) return next.time;
      this.#queue.pop();
    }
    return Number.POSITIVE_INFINITY;
  }

  get eventCount(): number {
    return this.#eventCount;
  }

  /** All chance of one part of the world, whatever the others draw. The name is plain ASCII. */
  chance(name: string): TimedRandom {
    return new TimedRandom(hash32(name, this.#chanceSeed), this);
  }

  /** One for each name: a node of a cluster that is started anew goes on counting where the one before stopped. */
  tracerOf(node: NodeId): Tracer | null {
    const { sink, hasRoles } = this;
    if (sink === null) return null;
    const known = this.#tracers.get(node);
    const tracer = known ?? new Tracer({ node, now: () => this.now, sink, hasRoles });
    this.#tracers.set(node, tracer);
    return tracer;
  }

  /** Of what is no node's doing: what was broken on purpose, and what was found to be wrong. */
  tell(data: TraceData): void {
    const clock = { [faultTrack]: ++this.#toldCount };
    this.sink?.({ node: faultTrack, atMs: this.now, clock, data });
  }

  /** How messages travel between nodes. */
  shapeOnLinks<M extends TypedData>(message: Shape<M>): Shape<M> {
    return this.sink === null ? message : carriedShape(message);
  }

  /** What became of messages that carry their clocks, as they do where there is a sink. */
  fate(from: NodeId, messages: readonly TypedData[], fate: Omit<TracedFate, 'sent'>): void {
    if (this.sink === null) return;
    for (const message of messages) {
      this.sink(fateOf(message as CarriedMessage, from, this.now, fate));
    }
  }

  violation(check: string, message: string): void {
    this.trace.note(hashed.violation, 0);
    this.#isStopped ||= check === this.#stopsAt;
    this.tell({ type: 'violation', check, message });
  }

  /**
   * Runs `run` when virtual time reaches `time` (now, when that is past). The function returned cancels it. `lane`: what it
   * must not overtake (event-order.ts); nobody's when left out.
   */
  at(time: Millis, run: () => void, lane?: number): () => void {
    const event = new Errand(run);
    this.schedule(time, event, lane);
    return () => {
      event.isCancelled = true;
    };
  }

  after(delayMs: Millis, run: () => void, lane?: number): () => void {
    return this.at(this.now + delayMs, run, lane);
  }

  /** The same of what is no function; it must not wait already. */
  schedule(time: Millis, event: Happening, lane = nobodysLane): void {
    event.lane = lane;
    this.#queue.push(Math.max(time, this.now), event);
  }

  /** Runs what happens up to `time`, and leaves the clock there. Throws {@link SimulationLimitError} or {@link WorldStoppedError}. */
  runUntil(time: Millis): void {
    for (let next = this.#queue.pop(time); next !== undefined; next = this.#queue.pop(time)) {
      this.#run(next);
    }
    this.trace.now = Math.max(this.now, time);
  }

  /** Runs the next thing that happens; false when nothing ever will. Throws {@link SimulationLimitError} or {@link WorldStoppedError}. */
  step(): boolean {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      if (next.isCancelled) continue;
      this.#run(next);
      this.watch?.(next.lane);
      return true;
    }
    return false;
  }

  #run(event: Happening): void {
    if (event.isCancelled) return;
    if (this.#isStopped) throw new WorldStoppedError('stopped');
    this.trace.now = event.time;
    this.#eventCount++;
    if (this.#eventCount > this.#eventsMax) {
      throw new SimulationLimitError(
        `no rest after ${this.#eventsMax} events, at ${this.now.toFixed(3)} ms of virtual time`,
      );
    }
    event.happen();
  }
}
