/** Orders of transactions that obey a graph. What an order proves is found by replaying it: see `witness.ts`. */
import type { Watch } from '../budget.js';
import type { Arrows } from './graph.js';
import { type Seen, SeenKeys } from './seen.js';
import { atFirst, type Sources } from './sources.js';

/** Among so many that may come next, in the order of time, the best is looked for. */
const choicesMax = 256;

/** Visits each node after its predecessors, `urgent` ones as soon as may be, else by number; how many there were. */
export function eachInOrder(
  arrows: Arrows,
  isUrgent: (node: number) => boolean,
  visit: (node: number) => void,
): number {
  const { nodes, first, to } = arrows;
  const waitsFor = predecessorsOf(arrows);
  const urgent: number[] = [];
  const ready = new Heap();
  const release = (node: number) => (isUrgent(node) ? urgent.push(node) : ready.push(node));
  for (let node = 0; node < nodes; node++) if (waitsFor[node] === 0) release(node);
  let visited = 0;
  for (;;) {
    const node = urgent.pop() ?? ready.pop();
    if (node === undefined) return visited;
    visited += 1;
    visit(node);
    for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
      const target = to[place] as number;
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) release(target);
    }
  }
}

function predecessorsOf({ nodes, to }: Arrows): Int32Array {
  const count = new Int32Array(nodes);
  for (const target of to) count[target] = (count[target] as number) + 1;
  return count;
}

/** The least number comes first. */
class Heap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    for (let up = (at - 1) >> 1; at > 0 && (items[up] as number) > item; up = (at - 1) >> 1) {
      items[at] = items[up] as number;
      at = up;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const [top] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && (items[down + 1] as number) < (items[down] as number)) down++;
      if ((items[down] as number) >= last) break;
      items[at] = items[down] as number;
      at = down;
    }
    items[at] = last;
    return top;
  }
}

/** Any order of the transactions that happened; `null` when there is a circle. */
export function topological(arrows: Arrows, { live, happened }: Sources): number[] | null {
  const order: number[] = [];
  const keep = (node: number) => {
    if (node < live.length && happened[node] === 1) order.push(node);
  };
  return eachInOrder(arrows, (node) => node >= live.length, keep) === arrows.nodes ? order : null;
}

/** What takes place at once: a transaction, or, of one that reads from a snapshot, its first or its second half. */
export interface Events {
  /** An event's number is its transaction's, twice that where there are halves, one more for its commit. */
  readonly halves: boolean;
  /** Their nodes are the events, and moments in time that nothing else than their order keeps. */
  readonly arrows: Arrows;
}

/**
 * An order of events that obeys the arrows; `null` if there is none, or none was found. Next comes one that finds what it
 * read and takes from nobody what is still to be read: if possible one that nobody is still to read from, since it stands
 * in nobody's way, else the one that came first in time, which most others wait for. That is no search: it does not look
 * back.
 */
export function orderBy(sources: Sources, events: Events, watch: Watch): number[] | null {
  const { live, happened } = sources;
  const { halves, arrows } = events;
  const { nodes, first, to } = arrows;
  const count = halves ? 2 * live.length : live.length;
  const waitsFor = predecessorsOf(arrows);
  const of = (event: number) => (halves ? event >> 1 : event);
  const ready = new Ready((event) => {
    const { start, end } = live[of(event)] ?? { start: 0, end: 0 };
    return halves && event % 2 === 0 ? start : end;
  });
  const free: number[] = [];
  const release = (node: number) => {
    if (node < count && happened[of(node)] === 1) ready.add(node);
    else free.push(node);
  };
  for (let node = 0; node < nodes; node++) if (waitsFor[node] === 0) release(node);
  const follow = (node: number) => {
    for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
      const target = to[place] as number;
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) release(target);
    }
  };
  const store = new Store(sources, halves);
  const order: number[] = [];
  const wanted = happened.reduce((sum, one) => sum + one, 0) * (halves ? 2 : 1);
  while (order.length < wanted) {
    for (let moment = free.pop(); moment !== undefined; moment = free.pop()) follow(moment);
    const event =
      ready.take((one) => store.fits(one) && store.isHarmless(one)) ??
      ready.take((one) => store.fits(one));
    if (event === null) return null;
    watch(choicesMax);
    store.run(event);
    order.push(event);
    follow(event);
  }
  return order;
}

/** Events in the order of time. */
class Ready {
  readonly #timeOf: (event: number) => number;
  readonly #sorted: number[] = [];

  constructor(timeOf: (event: number) => number) {
    this.#timeOf = timeOf;
  }

  add(event: number): void {
    const sorted = this.#sorted;
    const time = this.#timeOf(event);
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timeOf(sorted[middle] as number) <= time) low = middle + 1;
      else high = middle;
    }
    sorted.splice(low, 0, event);
  }

  /** Takes out the first of the first few that fits. */
  take(fits: (event: number) => boolean): number | null {
    const choices = Math.min(this.#sorted.length, choicesMax);
    for (let choice = 0; choice < choices; choice++) {
      if (fits(this.#sorted[choice] as number)) return this.#sorted.splice(choice, 1)[0] as number;
    }
    return null;
  }
}

/** Whose version each key holds, who is still to read it, and who is about to write it. */
class Store {
  readonly #halves: boolean;
  readonly #reads: (transaction: number) => readonly Seen[];
  readonly #keysWritten: readonly (readonly number[])[];
  readonly #held = new Map<number, number>();
  /** By key, by version: how many read it that have not come yet. */
  readonly #toRead = new Map<number, Map<number, number>>();
  readonly #locked = new Set<number>();

  constructor(sources: Sources, halves: boolean) {
    this.#halves = halves;
    const keys = new SeenKeys(sources);
    this.#reads = (transaction) => keys.of(transaction);
    this.#keysWritten = sources.access.map(({ writes }) => [
      ...new Set(writes.map(({ key }) => key)),
    ]);
    sources.live.forEach((_, at) => {
      if (sources.happened[at] === 1) for (const seen of keys.of(at)) this.#count(seen, 1);
    });
  }

  fits(event: number): boolean {
    const { at, begins, ends } = this.#parts(event);
    const reads = this.#reads(at);
    const written = this.#keysWritten[at] ?? [];
    if (begins && !reads.every(({ key, source }) => this.#version(key) === source)) return false;
    if (!ends) return written.every((key) => !this.#locked.has(key));
    return written.every((key) => {
      const own = begins && reads.some((read) => read.key === key) ? 1 : 0;
      return (this.#toRead.get(key)?.get(this.#version(key)) ?? 0) <= own;
    });
  }

  isHarmless(event: number): boolean {
    const { at, ends } = this.#parts(event);
    if (!ends) return true;
    return (this.#keysWritten[at] ?? []).every((key) => !(this.#toRead.get(key)?.get(at) ?? 0));
  }

  run(event: number): void {
    const { at, begins, ends } = this.#parts(event);
    const written = this.#keysWritten[at] ?? [];
    if (begins) for (const seen of this.#reads(at)) this.#count(seen, -1);
    if (!ends) for (const key of written) this.#locked.add(key);
    else {
      for (const key of written) {
        this.#locked.delete(key);
        this.#held.set(key, at);
      }
    }
  }

  #parts(event: number) {
    if (!this.#halves) return { at: event, begins: true, ends: true };
    return { at: event >> 1, begins: event % 2 === 0, ends: event % 2 === 1 };
  }

  #version(key: number): number {
    return this.#held.get(key) ?? atFirst;
  }

  #count({ key, source }: Seen, change: number): void {
    let counts = this.#toRead.get(key);
    if (counts === undefined) {
      counts = new Map();
      this.#toRead.set(key, counts);
    }
    counts.set(source, (counts.get(source) ?? 0) + change);
  }
}
