/**
 * An order of events that obeys a graph and in which everybody finds what they read: depth first, with a memo.
 *
 * - Whoever overwrites what somebody is still to read is too early.
 * - Who writes nothing, or only what nobody is still to read, goes as soon as it can: it stands in nobody's way, and what
 *   it waits for has been done. Only among the others there is a choice, in the order of time.
 * - A read of which nobody knows whose value it was asks for the value only; what may have happened can help it.
 * - What was done decides what is still to be read and so what is held; a set of events that has failed once is not tried
 *   again (as in R. Biswas and C. Enea, "On the complexity of checking transactional consistency", OOPSLA 2019). Such a
 *   set is known by those of the others that nothing waits before.
 *
 * Where time or sessions leave few ways on at any moment, that is quick, whatever the number of events.
 */

import { countWhile } from '../../core/lookup.js';
import type { StepWatch } from '../budget.js';
import type { Arrows } from '../graph/arrows.js';
import { predecessorsOf } from '../graph/order.js';
import { VersionStore } from './order-store.js';
import type { Sources } from './sources.js';

/** Among so many that may come next, in the order of time, one is looked for. */
const choicesMax = 256;

/** What takes place at once: a transaction, or, of one that reads from a snapshot, its first or its second half. */
export interface Events {
  /** An event's number is its transaction's, twice that where there are halves, one more for its commit. */
  readonly halves: boolean;
  /** Their nodes are the events, and moments in time that nothing else than their order keeps. */
  readonly arrows: Arrows;
}

/** `none`: no order will do. `null`: too many were tried. */
export type OrderFound = readonly number[] | 'none' | null;

/** `triesMax`: after so many ways that lead nowhere, it ends. */
export function orderBy(
  sources: Sources,
  events: Events,
  triesMax: number,
  watch: StepWatch,
): OrderFound {
  return new OrderSearch(sources, events, watch).run(triesMax);
}

interface Branch {
  readonly choices: readonly number[];
  next: number;
  /** How many events had been done before. */
  readonly done: number;
}

/** An event that was done, and what it let follow: nodes, of which events are ready since. */
interface Step {
  readonly event: number;
  readonly followed: readonly number[];
  readonly released: readonly number[];
}

class OrderSearch {
  readonly #events: Events;
  readonly #happened: Uint8Array;
  readonly #waitsFor: Int32Array;
  readonly #ready: Ready;
  readonly #store: VersionStore;
  readonly #steps: Step[] = [];
  readonly #failed = new Set<string>();
  readonly #watch: StepWatch;
  readonly #count: number;
  /** How many events must come, and have come. */
  readonly #wanted: number;
  #done = 0;
  /** Some of those that were ready have never been looked at. */
  #isCut = false;

  constructor(sources: Sources, events: Events, watch: StepWatch) {
    const { live, happened } = sources;
    const { halves, arrows } = events;
    this.#events = events;
    this.#happened = happened;
    this.#watch = watch;
    this.#count = halves ? 2 * live.length : live.length;
    this.#wanted = happened.reduce((sum, one) => sum + one, 0) * (halves ? 2 : 1);
    this.#store = new VersionStore(sources, halves);
    this.#waitsFor = predecessorsOf(arrows);
    this.#ready = new Ready((event) => {
      const { start, end } = live[this.#of(event)] ?? { start: 0, end: 0 };
      return halves && event % 2 === 0 ? start : end;
    });
    const free: number[] = [];
    for (let node = 0; node < arrows.nodes; node++) {
      if (this.#waitsFor[node] === 0 && !this.#release(node)) free.push(node);
    }
    this.#follow(free);
  }

  run(triesMax: number): OrderFound {
    const branches: Branch[] = [];
    for (let tries = 0; ; ) {
      this.#goOn();
      if (this.#done === this.#wanted) return this.#order();
      branches.push({ choices: this.#choices(), next: 0, done: this.#steps.length });
      for (let went = false; !went; ) {
        const branch = branches.at(-1);
        if (branch === undefined) return this.#isCut ? null : 'none';
        while (this.#steps.length > branch.done) this.#undo();
        const event = branch.choices[branch.next++];
        if (event === undefined) {
          branches.pop();
          if (++tries > triesMax) return null;
        } else {
          this.#do(event);
          went = true;
        }
      }
    }
  }

  #of(event: number): number {
    return this.#events.halves ? event >> 1 : event;
  }

  /** All that stands in nobody's way. */
  #goOn(): void {
    for (;;) {
      this.#watch(choicesMax);
      const event = this.#ready.find(
        choicesMax,
        (one) => this.#isNeeded(one) && this.#store.isFree(one),
      );
      if (event === undefined) return;
      this.#do(event);
    }
  }

  #choices(): number[] {
    const all = this.#ready.events;
    if (all.length > choicesMax) this.#isCut = true;
    const first = all.slice(0, choicesMax).filter((event) => this.#store.fits(event));
    if (first.length > 1) {
      const name = `${all.join()} ${this.#store.demandedState()}`;
      if (this.#failed.has(name)) return [];
      this.#failed.add(name);
    }
    const rank = (event: number) =>
      this.#isNeeded(event) ? Number(!this.#store.isHarmless(event)) : 2;
    return first.sort((a, b) => rank(a) - rank(b));
  }

  #isNeeded(event: number): boolean {
    return this.#happened[this.#of(event)] === 1;
  }

  /** Without snapshots of those in doubt that never committed. */
  #order(): number[] {
    const order = this.#steps.map(({ event }) => event);
    if (!this.#events.halves) return order;
    const done = new Set(order);
    return order.filter((event) => this.#isNeeded(event) || done.has(event | 1));
  }

  #do(event: number): void {
    this.#ready.remove(event);
    this.#store.run(event);
    if (this.#isNeeded(event)) this.#done++;
    this.#steps.push({ event, ...this.#follow([event]) });
  }

  #undo(): void {
    const { event, followed, released } = this.#steps.pop() as Step;
    const { first, to } = this.#events.arrows;
    for (const other of released) this.#ready.remove(other);
    for (const node of followed) {
      for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
        const target = to[place] as number;
        this.#waitsFor[target] = (this.#waitsFor[target] as number) + 1;
      }
    }
    this.#store.undo();
    if (this.#isNeeded(event)) this.#done--;
    this.#ready.add(event);
  }

  /** What waited for these nodes, and for those that nothing but these kept waiting. */
  #follow(followed: number[]): Pick<Step, 'followed' | 'released'> {
    const { first, to } = this.#events.arrows;
    const released: number[] = [];
    for (const node of followed) {
      for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
        const target = to[place] as number;
        const left = (this.#waitsFor[target] as number) - 1;
        this.#waitsFor[target] = left;
        if (left > 0) continue;
        if (this.#release(target)) released.push(target);
        else followed.push(target);
      }
    }
    return { followed, released };
  }

  /** False for moments, and for what need not have happened and helps nobody. */
  #release(node: number): boolean {
    if (node >= this.#count) return false;
    if (!this.#isNeeded(node) && !this.#store.mayHelp(node)) return false;
    this.#ready.add(node);
    return true;
  }
}

/** Events in the order of time. */
class Ready {
  readonly #timeOf: (event: number) => number;
  readonly events: number[] = [];

  constructor(timeOf: (event: number) => number) {
    this.#timeOf = timeOf;
  }

  add(event: number): void {
    this.events.splice(this.#placeOf(event), 0, event);
  }

  remove(event: number): void {
    this.events.splice(this.#placeOf(event), 1);
  }

  find(most: number, is: (event: number) => boolean): number | undefined {
    const count = Math.min(this.events.length, most);
    for (let at = 0; at < count; at++) if (is(this.events[at] as number)) return this.events[at];
    return undefined;
  }

  /** Where it is, or belongs: of those of one time, by number. */
  #placeOf(event: number): number {
    const time = this.#timeOf(event);
    return countWhile(this.events, (other) => {
      const otherTime = this.#timeOf(other);
      return otherTime < time || (otherTime === time && other < event);
    });
  }
}
