/** Keys that lists are kept under: the longest list read tells the order of all that was appended before it. */
import { listOf, type Read } from './access.js';
import type { DirectAnomaly } from './anomaly.js';
import { type EdgeList, edgeTypes } from './graph.js';
import type { Committed } from './written.js';

/** More pairs than this of readers and writers whose order is not known are left out: no proof, but no wrong one. */
const pairsMax = 100_000;
const nothing = -1;

export interface ListOrder {
  readonly anomalies: readonly DirectAnomaly[];
  /** The place of every append is known. */
  readonly isComplete: boolean;
}

/** Adds the edges of one key. `reads`: all of it; `appended`: all appends, in no order. */
export function orderList(
  key: number,
  reads: readonly Read[],
  appended: readonly { readonly by: number; readonly value: number }[],
  committed: Committed,
  edges: EdgeList,
): ListOrder {
  const anomalies: DirectAnomaly[] = [];
  const longest = longestOf(reads);
  const order = longest === null ? [] : listOf(longest.value);
  const places = new Map(order.map((value, place) => [value, place]));
  const at = (by: number) => committed.transactions[by]?.at as number;
  if (longest !== null && places.size < order.length) {
    anomalies.push({
      ...{ name: 'duplicate elements', forbiddenBy: 'read-uncommitted' },
      ...{ operations: [at(longest.by)], told: '{0} read a list in which a value is twice' },
    });
  }
  for (const read of reads) {
    const list = listOf(read.value);
    const misplaced = list.findIndex((value, place) => value !== order[place]);
    if (misplaced >= 0 && longest !== null) {
      anomalies.push({
        ...{ name: 'incompatible order', forbiddenBy: 'read-committed' },
        operations: [at(read.by), at(longest.by)],
        told: '{0} and {1} read lists neither of which the other one continues',
      });
    }
  }
  const writers = order.map((value) => committed.written.writer(key, value)?.by);
  addWriteOrder(key, order, writers, edges);
  const rest = appended.filter(({ value }) => !places.has(value));
  addReads(key, reads, order, writers, edges);
  addUnseen(key, reads, order, writers, rest, edges);
  const unknown = new Set(rest.map(({ by }) => by)).size;
  return { anomalies, isComplete: unknown <= 1 };
}

function longestOf(reads: readonly Read[]): Read | null {
  let longest: Read | null = null;
  for (const read of reads) {
    if (longest === null || listOf(read.value).length > listOf(longest.value).length) {
      longest = read;
    }
  }
  return longest;
}

function addWriteOrder(
  key: number,
  order: readonly number[],
  writers: readonly (number | undefined)[],
  edges: EdgeList,
): void {
  for (let place = 1; place < order.length; place++) {
    const [before, after] = [order[place - 1] as number, order[place] as number];
    edges.add(edgeTypes.ww, writers[place - 1], writers[place], { key, before, after });
  }
}

function addReads(
  key: number,
  reads: readonly Read[],
  order: readonly number[],
  writers: readonly (number | undefined)[],
  edges: EdgeList,
): void {
  for (const read of reads) {
    const list = listOf(read.value);
    const last = list.length - 1;
    const before = list[last] ?? nothing;
    edges.add(edgeTypes.wr, writers[last], read.by, { key, before, after: nothing });
    if (list.length === order.length) continue;
    const after = order[list.length] as number;
    edges.add(edgeTypes.rw, read.by, writers[list.length], { key, before, after });
  }
}

/** Whoever read all there was came before what nobody saw; so did whoever wrote the last of it. */
function addUnseen(
  key: number,
  reads: readonly Read[],
  order: readonly number[],
  writers: readonly (number | undefined)[],
  rest: readonly { readonly by: number; readonly value: number }[],
  edges: EdgeList,
): void {
  const before = order.at(-1) ?? nothing;
  const readers = reads.filter(({ value }) => listOf(value).length === order.length);
  const isMany = readers.length * rest.length > pairsMax;
  for (const { by, value: after } of rest) {
    edges.add(edgeTypes.ww, writers.at(-1), by, { key, before, after });
    if (isMany) continue;
    for (const read of readers) edges.add(edgeTypes.rw, read.by, by, { key, before, after });
  }
}
