import type { Millis } from '../core/ids.js';
import type { Clock } from '../runtime/ports.js';
import type { TimedRandom } from './chance.js';
import { nodeLane } from './event-order.js';
import { Errand, Happening } from './event-queue.js';
import type { Process } from './process.js';
import { hashed, type TracedNode } from './trace.js';
import type { World } from './world.js';

/** 2026-01-01T00:00:00Z, when every simulated world begins. */
export const worldBeginMs = 1_767_225_600_000;

/** How late an alarm may ring: timers of a real machine are never punctual. */
const alarmLateMsMax = 1;
/** How long a turn may have to wait for the processor. */
const turnDelayMsMax = 0.2;

/** Steps of wall clocks: from fine to so coarse that what depends on clocks moving on comes to light. */
const wallStepsMs = [1, 1, 16, 250];

/** A node's wall clock while nothing is wrong with it. Belongs to the machine: it outlives the process. */
export class WallClock {
  readonly #world: World;
  readonly #stepMs: Millis;

  /** Without `random` it is as fine as clocks are. */
  constructor(world: World, random: TimedRandom | null) {
    this.#world = world;
    this.#stepMs = random?.pick(wallStepsMs) ?? 1;
  }

  read(): Millis {
    const exact = worldBeginMs + this.#world.now;
    return Math.floor(exact / this.#stepMs) * this.#stepMs;
  }
}

export interface SimClockSetup {
  readonly world: World;
  readonly process: Process;
  /** Draws its zero, how late alarms ring and how long turns wait; `null`: all are exact. */
  readonly random: TimedRandom | null;
  /** How long a turn waits when that is not drawn. */
  readonly turnMs: Millis;
  readonly wallClock: WallClock;
  readonly node: TracedNode;
}

/** A turn that waits for the processor: mostly the same again and again. */
class Turn extends Happening {
  isWaiting = false;
  readonly #setup: SimClockSetup;
  #run: () => void = () => {};

  constructor(setup: SimClockSetup) {
    super();
    this.#setup = setup;
  }

  wait(run: () => void, delayMs: Millis): void {
    const { world, node } = this.#setup;
    this.isWaiting = true;
    this.#run = run;
    world.schedule(world.now + delayMs, this, nodeLane(node.index));
  }

  happen(): void {
    const { world, process, node } = this.#setup;
    if (!process.takes(this)) return;
    this.isWaiting = false;
    world.trace.note(hashed.turn, node.index);
    this.#run();
  }
}

interface Alarm {
  readonly run: () => void;
  time: Millis;
  /** It rings; `null` once it has, or was cancelled. */
  event: Happening | null;
}

/** The Clock port of one incarnation, on virtual time. Its monotonic zero is drawn, since it means nothing. */
export class SimClock implements Clock {
  readonly #setup: SimClockSetup;
  /** In the order in which they were asked for; some have rung or were cancelled. A Set that empties makes a new table each time. */
  #alarms: Alarm[] = [];
  #alarmCount = 0;
  #zero: Millis;
  #turn: Turn;

  constructor(setup: SimClockSetup) {
    this.#setup = setup;
    this.#turn = new Turn(setup);
    this.#zero = setup.random?.below(1_000_000) ?? 0;
  }

  /** Those that have not rung. */
  get alarmCount(): number {
    return this.#alarmCount;
  }

  now(): Millis {
    return this.#setup.world.now + this.#zero;
  }

  wallClock(): Millis {
    return this.#setup.wallClock.read();
  }

  /** It is later than it was, for this node alone: what became due rings now. */
  advance(byMs: Millis): void {
    this.#zero += byMs;
    for (const alarm of this.#alarms) {
      if (alarm.event === null) continue;
      alarm.event.isCancelled = true;
      alarm.time -= byMs;
      this.#arm(alarm);
    }
  }

  at(deadline: Millis, run: () => void): () => void {
    const { random } = this.#setup;
    let time = deadline - this.#zero + (random === null ? 0 : random.next() * alarmLateMsMax);
    // Rounding must not let an alarm ring before its deadline.
    while (time + this.#zero < deadline) time += 1e-6;
    const alarm: Alarm = { run, time, event: null };
    if (this.#alarms.length > 2 * this.#alarmCount + 8)
      this.#alarms = this.#alarms.filter(({ event }) => event !== null);
    this.#alarms.push(alarm);
    this.#alarmCount++;
    this.#arm(alarm);
    return () => {
      if (alarm.event === null) return;
      alarm.event.isCancelled = true;
      this.#end(alarm);
    };
  }

  soon(run: () => void): void {
    if (this.#turn.isWaiting) this.#turn = new Turn(this.#setup);
    this.#turn.wait(run, this.#turnDelayMs());
  }

  #turnDelayMs(): Millis {
    const { random, turnMs } = this.#setup;
    if (random === null) return turnMs;
    // Every other one begins at once.
    return Math.max(0, 2 * random.steady - 1) * turnDelayMsMax;
  }

  #arm(alarm: Alarm): void {
    const { world, process, node } = this.#setup;
    const event = new Errand(() => {
      // Looked at here too: it may be cancelled while a paused process has it waiting.
      if (!process.takes(event) || alarm.event === null) return;
      this.#end(alarm);
      world.trace.note(hashed.timer, node.index);
      alarm.run();
    });
    alarm.event = event;
    world.schedule(alarm.time, event, nodeLane(node.index));
  }

  #end(alarm: Alarm): void {
    alarm.event = null;
    this.#alarmCount--;
  }
}
