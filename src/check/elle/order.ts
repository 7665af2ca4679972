/** An order of transactions that proves what it claims: it is replayed. */
import { absent } from '../../history/history.js';
import type { Watch } from '../budget.js';
import { type Access, isSame, type Read } from './access.js';
import type { Arrows } from './graph.js';
import type { Transaction } from './transactions.js';
import type { Committed } from './written.js';

/** Among so many that may come next, in the order of their ends, the best is looked for. */
const choicesMax = 256;

/**
 * An order that obeys the arrows; `null` if there is none, or none was found. Next comes one that finds what it read and
 * takes from nobody what is still to be read: if possible one that nobody is still to read from, since it stands in
 * nobody's way, else the one that ended first, which most others wait for. That is no search: it does not look back.
 */
export function orderBy(
  { transactions, access }: Committed,
  arrows: Arrows,
  watch: Watch,
): Int32Array | null {
  const { nodes, first, to } = arrows;
  const waitsFor = new Int32Array(nodes);
  for (const target of to) waitsFor[target] = (waitsFor[target] as number) + 1;
  const ready = new Ready(transactions);
  const free: number[] = [];
  const release = (node: number) =>
    node < transactions.length ? ready.add(node) : free.push(node);
  for (let node = 0; node < nodes; node++) if (waitsFor[node] === 0) release(node);
  const follow = (node: number) => {
    for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
      const target = to[place] as number;
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) release(target);
    }
  };
  const store = new Store(access);
  const order = new Int32Array(transactions.length);
  for (let done = 0; done < order.length; done++) {
    // Moments in time, which nothing else than their order keeps.
    for (let moment = free.pop(); moment !== undefined; moment = free.pop()) follow(moment);
    const at =
      ready.take((one) => store.fits(one) && store.isHarmless(one)) ??
      ready.take((one) => store.fits(one));
    if (at === null) return null;
    watch(choicesMax);
    store.run(at);
    order[done] = at;
    follow(at);
  }
  return order;
}

/** Transactions in the order of their ends. */
class Ready {
  readonly #transactions: readonly Transaction[];
  readonly #sorted: number[] = [];

  constructor(transactions: readonly Transaction[]) {
    this.#transactions = transactions;
  }

  add(item: number): void {
    const sorted = this.#sorted;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#endOf(sorted[middle] as number) <= this.#endOf(item)) low = middle + 1;
      else high = middle;
    }
    sorted.splice(low, 0, item);
  }

  /** Takes out the first of the first few that fits. */
  take(fits: (item: number) => boolean): number | null {
    const choices = Math.min(this.#sorted.length, choicesMax);
    for (let choice = 0; choice < choices; choice++) {
      if (fits(this.#sorted[choice] as number)) return this.#sorted.splice(choice, 1)[0] as number;
    }
    return null;
  }

  #endOf(item: number): number {
    return (this.#transactions[item] as Transaction).end;
  }
}

/** What each key holds, a list by its last value, and who is still to read it. */
class Store {
  readonly #access: readonly Access[];
  readonly #held = new Map<number, number>();
  /** By key, by value: how many read it that have not come yet. */
  readonly #toRead = new Map<number, Map<number, number>>();

  constructor(access: readonly Access[]) {
    this.#access = access;
    for (const { reads } of access) for (const read of reads) this.#count(read, 1);
  }

  fits(at: number): boolean {
    const { reads, writes } = this.#access[at] as Access;
    if (!reads.every((read) => (this.#held.get(read.key) ?? absent) === lastOf(read))) return false;
    return writes.every(({ key }) => {
      const held = this.#held.get(key) ?? absent;
      const own = reads.some((read) => read.key === key) ? 1 : 0;
      return (this.#toRead.get(key)?.get(held) ?? 0) <= own;
    });
  }

  isHarmless(at: number): boolean {
    const { writes } = this.#access[at] as Access;
    return writes.every(({ key, value }) => (this.#toRead.get(key)?.get(value) ?? 0) === 0);
  }

  run(at: number): void {
    const { reads, writes } = this.#access[at] as Access;
    for (const read of reads) this.#count(read, -1);
    for (const { key, value } of writes) this.#held.set(key, value);
  }

  #count(read: Read, change: number): void {
    let counts = this.#toRead.get(read.key);
    if (counts === undefined) {
      counts = new Map();
      this.#toRead.set(read.key, counts);
    }
    const last = lastOf(read);
    counts.set(last, (counts.get(last) ?? 0) + change);
  }
}

function lastOf({ value }: Read): number {
  return typeof value === 'number' ? value : (value.at(-1) ?? absent);
}

/** Whether each transaction, run alone and in this order, sees what it said it saw; and none after one it preceded. */
export function isProof(
  transactions: readonly Transaction[],
  order: Int32Array,
  keepsTime: boolean,
): boolean {
  if (order.length !== transactions.length || new Set(order).size !== order.length) return false;
  const database = new Map<number, number | number[]>();
  let begun = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    const { steps, start, end } = transactions[at] as Transaction;
    begun = Math.max(begun, start);
    if (keepsTime && end < begun) return false;
    for (const { f, key, value } of steps) {
      const held = database.get(key) ?? absent;
      if (f === 'w') database.set(key, value);
      else if (f === 'append') {
        if (typeof held === 'number') database.set(key, [value]);
        else held.push(value);
      } else if (value !== null && !isSame(held, value)) return false;
    }
  }
  return true;
}
