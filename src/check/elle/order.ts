/** An order of transactions that proves what it claims: it is replayed. */
import { absent } from '../../history/history.js';
import { isSame } from './access.js';
import { type Edge, plainArrows } from './graph.js';
import type { Transaction } from './transactions.js';

/** An order that obeys the edges of these types, and otherwise goes by when transactions began; `null` if there is none. */
export function orderBy(
  transactions: readonly Transaction[],
  edges: readonly Edge[],
  types: number,
): Int32Array | null {
  const count = transactions.length;
  const { first, to } = plainArrows(edges, count, types);
  const waitsFor = new Int32Array(count);
  for (const target of to) waitsFor[target] = (waitsFor[target] as number) + 1;
  // Transactions are in the order of their starts: the smallest index began first.
  const ready = new Smallest();
  for (let at = 0; at < count; at++) if (waitsFor[at] === 0) ready.push(at);
  const order = new Int32Array(count);
  let done = 0;
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    order[done++] = at;
    for (let place = first[at] as number; place < (first[at + 1] as number); place++) {
      const target = to[place] as number;
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) ready.push(target);
    }
  }
  return done === count ? order : null;
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

/** A binary heap of numbers. */
class Smallest {
  readonly #heap: number[] = [];

  push(item: number): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((heap[above] as number) <= item) break;
      heap[at] = heap[above] as number;
      at = above;
    }
    heap[at] = item;
  }

  pop(): number | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (heap.length > 0) this.#sink(last as number);
    return first;
  }

  #sink(item: number): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if ((heap[below + 1] ?? Number.POSITIVE_INFINITY) < (heap[below] as number)) below++;
      if ((heap[below] as number) >= item) break;
      heap[at] = heap[below] as number;
      at = below;
    }
    heap[at] = item;
  }
}
