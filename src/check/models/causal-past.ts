/**
 * Causal order: what a session did before, and what was read from whom; and all that follows from these two.
 *
 * Operations are laid out in chains, in each of which everything comes after everything before it: one chain a session,
 * and a new one where a session's operations overlap or where nobody answered (what was not answered may happen later,
 * so nothing of its session need come after it). What is before an operation is then one number a chain.
 */
import type { History } from '../../history/history.js';
import {
  type Budget,
  innerLimits,
  type StepWatch,
  tableBytesMax,
  type UnknownReason,
  watchOf,
} from '../budget.js';
import { arrowsFrom } from '../graph/arrows.js';
import { cycleAmong, nodesBetween } from '../graph/cycles.js';
import { eachInOrder } from '../graph/order.js';
import { Frontier, type SessionTable } from './sessions.js';

/** Readings and writes of all keys, numbered as in the history. */
export interface Effective {
  readonly count: number;
  /** 1 for those that take part. */
  readonly takesPart: Uint8Array;
  /** By operation: whose value it read, or a negative number. */
  readonly origin: Int32Array;
}

export interface CausalPast {
  readonly chainCount: number;
  readonly chain: Int32Array;
  /** From 1; 0 is before all. */
  readonly position: Int32Array;
  /** By chain, its operations in order. */
  readonly chains: readonly (readonly number[])[];
  /** How many operations of `chain` come before `operation` or are it. */
  known(operation: number, chain: number): number;
  /** Operations from `first` to `last`, each a reason for the next, as few as can be; both included. */
  path(first: number, last: number): readonly number[];
}

export interface Circle {
  /** Operations, each before the next, the last before the first. */
  readonly circle: readonly number[];
}

export interface TooLarge {
  readonly why: UnknownReason;
}

export function causalPastOf(
  history: History,
  sessions: SessionTable,
  effective: Effective,
  budget: Budget,
): CausalPast | Circle | TooLarge {
  const laidOut = sessionsIn(history, sessions, effective);
  const { edges, chains } = laidOut;
  for (let at = 0; at < effective.count; at++) {
    const origin = effective.origin[at] as number;
    if (effective.takesPart[at] === 1 && origin >= 0) edges.push(origin, at);
  }
  const order = sorted(effective, edges);
  if (order === null) return { circle: firstCircle(effective.count, edges) };
  const bytes = order.length * chains.length * 4;
  const why = budget.spent(bytes) ?? (bytes > tableBytesMax ? innerLimits.table : null);
  if (why !== null) return { why };
  return knowledge(effective, laidOut, order, watchOf(budget));
}

/** Pairs, flat: before, after. */
class Edges {
  readonly before: number[] = [];
  readonly after: number[] = [];

  push(before: number, after: number): void {
    this.before.push(before);
    this.after.push(after);
  }
}

/** The operations that take part, each after its predecessors; `null` when there is a circle. */
function sorted({ count, takesPart }: Effective, { before, after }: Edges): Int32Array | null {
  const order: number[] = [];
  const arrows = arrowsFrom(count, before, after);
  const visited = eachInOrder(
    arrows,
    () => false,
    (at) => {
      if (takesPart[at] === 1) order.push(at);
    },
  );
  return visited === count ? Int32Array.from(order) : null;
}

function firstCircle(count: number, { before, after }: Edges): number[] {
  const circle = cycleAmong(count, before, after, () => true) ?? [];
  return circle.map((edge) => before[edge] as number);
}

interface Sessions {
  readonly edges: Edges;
  readonly chain: Int32Array;
  readonly position: Int32Array;
  readonly chains: readonly (readonly number[])[];
}

/** What sessions say: which operation is right before which, and the chains in which they are laid out. */
function sessionsIn(
  history: History,
  sessions: SessionTable,
  { count, takesPart }: Effective,
): Sessions {
  const edges = new Edges();
  const chain = new Int32Array(count);
  const position = new Int32Array(count);
  const chains: number[][] = [];
  const current = new Int32Array(sessions.count).fill(-1);
  const known: Frontier[] = Array.from({ length: sessions.count }, () => new Frontier(history));
  for (let at = 0; at < count; at++) {
    if (takesPart[at] === 0) continue;
    const session = sessions.of[at] as number;
    const own = known[session] as Frontier;
    const before = own.before(at);
    for (const earlier of before) edges.push(earlier, at);
    const last = chains[current[session] as number]?.at(-1);
    if (last === undefined || before.length !== 1 || before[0] !== last) {
      current[session] = chains.push([]) - 1;
    }
    const name = current[session] as number;
    chain[at] = name;
    position[at] = (chains[name] as number[]).push(at);
    own.add(at);
  }
  return { edges, chain, position, chains };
}

function knowledge(
  effective: Effective,
  { edges, chain, position, chains }: Sessions,
  order: Int32Array,
  watch: StepWatch,
): CausalPast {
  const chainCount = chains.length;
  const row = new Int32Array(effective.count).fill(-1);
  for (let place = 0; place < order.length; place++) row[order[place] as number] = place;
  const before = arrowsFrom(effective.count, edges.after, edges.before);
  const known = new Int32Array(order.length * chainCount);
  for (let place = 0; place < order.length; place++) {
    const at = order[place] as number;
    const base = place * chainCount;
    for (
      let place = before.first[at] as number;
      place < (before.first[at + 1] as number);
      place++
    ) {
      watch(chainCount);
      const from = (row[before.to[place] as number] as number) * chainCount;
      for (let own = 0; own < chainCount; own++) {
        const theirs = known[from + own] as number;
        if (theirs > (known[base + own] as number)) known[base + own] = theirs;
      }
    }
    known[base + (chain[at] as number)] = position[at] as number;
  }
  return {
    ...{ chainCount, chain, position, chains },
    known: (operation, own) => known[(row[operation] as number) * chainCount + own] as number,
    path: (first, last) => nodesBetween(before, last, first).reverse(),
  };
}
