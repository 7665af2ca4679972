/**
 * Just-in-time linearization: G. Lowe, "Testing for linearizability", Concurrency and Computation 29(4), 2017, section 5.
 *
 * 1. Walk the starts and ends in the order of time, with the set of all configurations that what has ended allows: the
 *    register's value, and which of the open operations have taken effect.
 * 2. At an operation's end it must have taken effect. A configuration in which it has not lets open writes take effect,
 *    one after the other, until it has ("just in time": no write takes effect before some end asks for it).
 * 3. When no configuration is left, the operations up to this end are impossible.
 *
 * What keeps the set small:
 * - Observers take effect as soon as they may: that changes no value and rules nothing out.
 * - Of interchangeable open writes the one that ends first goes first, those that never end last.
 * - What another configuration dominates is dropped.
 * - A plain write that was open when a later plain write took effect may have been overwritten by it unseen. So a
 *   configuration keeps the event of its last plain write instead of guessing which open writes went before it.
 * - A plain write that nothing makes use of before the next plain write is therefore never tried.
 * - Values that nobody will ask for any more are one.
 */

import type { Budget, UnknownReason } from '../budget.js';
import { registerKinds } from '../register/operations.js';
import { Configurations, type Layout, layoutOf, word } from './configurations.js';
import { anyOther, canTakeEffect, roles, type Timeline } from './timeline.js';
import { noStep, Trail, type TrailStep } from './trail.js';

export type SearchResult =
  | { readonly type: 'holds'; readonly trail: readonly TrailStep[] }
  /** The event, an end, up to which it is impossible. */
  | { readonly type: 'violated'; readonly place: number }
  | { readonly type: 'unknown'; readonly why: UnknownReason };

/** Steps between two looks at the budget. */
const stepsUnwatched = 256;

/** `initials`: the values one of which the register had before all operations; `anyOther` is one. */
export function linearize(
  timeline: Timeline,
  initials: Iterable<number>,
  budget: Budget,
): SearchResult {
  return new Search(timeline, initials, budget).run();
}

class Search {
  readonly #timeline: Timeline;
  readonly #layout: Layout;
  readonly #budget: Budget;
  readonly #trail = new Trail();
  /** What stands after the events so far; the next of it; what still waits for the operation that ends. */
  #standing: Configurations;
  #next: Configurations;
  readonly #waiting: Configurations;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** Open operations; writers by their ends, infos by their starts. */
  readonly #writers: number[] = [];
  readonly #observers: number[] = [];
  readonly #infosByKin: number[][] = [];
  readonly #infoKin: number[] = [];
  /** By kin: the expansion in which it was last tried. */
  readonly #triedIn: Int32Array;
  #expansion = 0;
  readonly #startOf: Int32Array;
  /** By operation: where in a configuration its bit is. */
  readonly #wordOf: Int32Array;
  readonly #maskOf: Int32Array;
  #steps = 0;
  #spent: UnknownReason | null = null;

  constructor(timeline: Timeline, initials: Iterable<number>, budget: Budget) {
    this.#timeline = timeline;
    this.#budget = budget;
    this.#layout = layoutOf(timeline);
    this.#standing = new Configurations(this.#layout);
    this.#next = new Configurations(this.#layout);
    this.#waiting = new Configurations(this.#layout);
    this.#from = new Int32Array(this.#layout.width);
    this.#to = new Int32Array(this.#layout.width);
    this.#triedIn = new Int32Array(timeline.kinCount);
    this.#startOf = new Int32Array(timeline.operations.count);
    this.#maskOf = timeline.bit.map((bit) => 1 << (bit & 31));
    this.#wordOf = timeline.bit.map(
      (bit, at) => firstWord(this.#layout, timeline.role[at] as number) + (bit >>> 5),
    );
    for (const value of initials) {
      this.#to.fill(0);
      this.#to[word.value] = this.#named(value, -1);
      this.#to[word.lastWrite] = -1;
      this.#to[word.trail] = noStep;
      this.#standing.add(this.#to);
    }
  }

  run(): SearchResult {
    const { events } = this.#timeline;
    for (let place = 0; place < events.length; place++) {
      const event = events[place] as number;
      if ((event & 1) === 0) this.#begin(event >> 1, place);
      else this.#end(event >> 1, place);
      if (this.#spent !== null) return { type: 'unknown', why: this.#spent };
      if (this.#standing.isEmpty) return { type: 'violated', place };
      if (this.#trail.isGrown) this.#compactTrail();
    }
    let at = 0;
    while (this.#standing.isDropped(at)) at++;
    const leaf = this.#standing.words[at * this.#layout.width + word.trail] as number;
    return { type: 'holds', trail: this.#trail.pathTo(leaf) };
  }

  #begin(at: number, place: number): void {
    this.#startOf[at] = place;
    this.#watch(1);
    const { role, kin } = this.#timeline;
    if (role[at] === roles.observer) {
      this.#observers.push(at);
      this.#observeInAll(at);
    } else if (role[at] === roles.writer) {
      let before = this.#writers.length;
      while (before > 0 && this.#endsBefore(at, this.#writers[before - 1] as number)) before--;
      this.#writers.splice(before, 0, at);
    } else {
      const own = kin[at] as number;
      const same = this.#infosByKin[own];
      if (same !== undefined) same.push(at);
      else {
        this.#infosByKin[own] = [at];
        this.#infoKin.push(own);
      }
    }
  }

  #endsBefore(a: number, b: number): boolean {
    const { endPlace } = this.#timeline;
    return (endPlace[a] as number) < (endPlace[b] as number);
  }

  /** Of equals here none becomes better than another, so that nothing has to be compared again. */
  #observeInAll(at: number): void {
    const { width } = this.#layout;
    const { count, words } = this.#standing;
    const wordAt = this.#wordOf[at] as number;
    const mask = this.#maskOf[at] as number;
    for (let base = 0; base < count * width; base += width) {
      if (!canTakeEffect(this.#timeline.operations, at, words[base + word.value] as number))
        continue;
      words[base + wordAt] = (words[base + wordAt] as number) | mask;
    }
    this.#watch(count);
  }

  #end(at: number, place: number): void {
    const isObserver = this.#timeline.role[at] === roles.observer;
    this.#next.clear();
    this.#waiting.clear();
    const { width } = this.#layout;
    for (let index = 0; index < this.#standing.count; index++) {
      if (this.#standing.isDropped(index)) continue;
      this.#load(this.#to, this.#standing, index * width);
      const hasTakenEffect = this.#hasTakenEffect(this.#to, at);
      if (!hasTakenEffect) this.#wait();
      if (hasTakenEffect || (!isObserver && this.#mayHavePassedUnseen(at))) this.#keep(at, place);
    }
    for (let index = 0; index < this.#waiting.count && this.#spent === null; index++) {
      if (this.#waiting.isDropped(index)) continue;
      this.#load(this.#from, this.#waiting, index * width);
      this.#expand(at, place);
    }
    remove(isObserver ? this.#observers : this.#writers, at);
    [this.#standing, this.#next] = [this.#next, this.#standing];
  }

  /** An open write that need not have been seen: it was overwritten at once, or never happened. */
  #mayHavePassedUnseen(at: number): boolean {
    const { required, operations } = this.#timeline;
    if (required[at] === 0) return true;
    if (operations.kind[at] !== registerKinds.write) return false;
    return (this.#to[word.lastWrite] as number) > (this.#startOf[at] as number);
  }

  /** What `#to` is after operation `at` has ended stands. */
  #keep(at: number, place: number): void {
    this.#setBit(at, false);
    this.#to[word.isUnused] = 0;
    this.#to[word.value] = this.#named(this.#to[word.value] as number, place);
    this.#watch(1 + this.#next.add(this.#to) / 16);
  }

  /** Every way on from `#from` by one write towards the end of `ending`. */
  #expand(ending: number, place: number): void {
    this.#expansion++;
    const { kin } = this.#timeline;
    for (const at of this.#writers) {
      if (this.#hasTakenEffect(this.#from, at)) continue;
      const own = kin[at] as number;
      if (this.#triedIn[own] === this.#expansion && at !== ending) continue;
      this.#triedIn[own] = this.#expansion;
      this.#take(at, ending, place);
    }
    for (const own of this.#infoKin) {
      if (this.#triedIn[own] === this.#expansion) continue;
      const free = (this.#infosByKin[own] as number[]).find(
        (at) => !this.#hasTakenEffect(this.#from, at),
      );
      if (free !== undefined) this.#take(free, ending, place);
    }
    this.#watch(1 + this.#writers.length + this.#infoKin.length);
  }

  #take(at: number, ending: number, place: number): void {
    const { operations, role, consumed } = this.#timeline;
    const found = this.#from[word.value] as number;
    if (!canTakeEffect(operations, at, found)) return;
    const isPlain = operations.kind[at] === registerKinds.write;
    if (isPlain && this.#from[word.isUnused] === 1) return;
    const to = this.#to;
    to.set(this.#from);
    const value = operations.value[at] as number;
    to[word.value] = this.#named(value, place - 1);
    if (isPlain) to[word.lastWrite] = place;
    this.#setBit(at, true);
    const isUsed = this.#observe(value) || !isPlain || at === ending;
    if (!isUsed && consumed[value] === 0) return;
    to[word.isUnused] = isUsed ? 0 : 1;
    to[word.trail] = this.#trail.add(this.#from[word.trail] as number, at, place);
    const isDone =
      at === ending || (role[ending] === roles.observer && this.#hasTakenEffect(to, ending));
    if (isDone) this.#keep(ending, place);
    else this.#wait();
  }

  #wait(): void {
    this.#watch(1 + this.#waiting.add(this.#to) / 16);
  }

  /** Lets all open observers take effect in `#to` that may; whether any did. */
  #observe(value: number): boolean {
    let isNew = false;
    for (const at of this.#observers) {
      if (
        !canTakeEffect(this.#timeline.operations, at, value) ||
        this.#hasTakenEffect(this.#to, at)
      )
        continue;
      this.#setBit(at, true);
      isNew = true;
    }
    return isNew;
  }

  /** The value as configurations after event `place` have it. */
  #named(value: number, place: number): number {
    if (value === anyOther) return value;
    return (this.#timeline.lastAsked[value] as number) > place ? value : anyOther;
  }

  #hasTakenEffect(configuration: Int32Array, at: number): boolean {
    return (
      ((configuration[this.#wordOf[at] as number] as number) & (this.#maskOf[at] as number)) !== 0
    );
  }

  #setBit(at: number, on: boolean): void {
    const mask = this.#maskOf[at] as number;
    const place = this.#wordOf[at] as number;
    const before = this.#to[place] as number;
    this.#to[place] = on ? before | mask : before & ~mask;
  }

  #load(into: Int32Array, from: Configurations, base: number): void {
    for (let i = 0; i < into.length; i++) into[i] = from.words[base + i] as number;
  }

  #watch(steps: number): void {
    this.#steps += steps;
    if (this.#steps < stepsUnwatched) return;
    this.#steps = 0;
    const tables = this.#standing.bytes + this.#next.bytes + this.#waiting.bytes;
    this.#spent = this.#budget.spent(tables + this.#trail.bytes);
  }

  #compactTrail(): void {
    const { words, count } = this.#standing;
    const { width } = this.#layout;
    const places: number[] = [];
    for (let index = 0; index < count; index++) {
      if (!this.#standing.isDropped(index)) places.push(index * width + word.trail);
    }
    const names = this.#trail.compact(places.map((place) => words[place] as number));
    for (const place of places) {
      const leaf = words[place] as number;
      if (leaf !== noStep) words[place] = names[leaf] as number;
    }
  }
}

function firstWord({ writers, observers, infos }: Layout, role: number): number {
  return role === roles.observer ? observers : role === roles.writer ? writers : infos;
}

function remove(from: number[], item: number): void {
  from.splice(from.indexOf(item), 1);
}
