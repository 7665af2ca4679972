/**
 * Keys with a single value each: what is known of the order of their values is little. Absence comes first; who read one
 * value and wrote another tells the order of these two; and where time counts, whoever ended before another began had
 * to do with a value that is no later than the other's.
 */
import { absent } from '../../history/history.js';
import type { Read, Write } from './access.js';
import { type EdgeList, edgeTypes } from './graph.js';
import type { Transaction } from './transactions.js';
import type { Committed } from './written.js';

const pairsMax = 100_000;

export interface RegisterUse {
  readonly reads: readonly Read[];
  /** The last write of each transaction. */
  readonly writes: readonly Write[];
}

/** Whether the order of all values of the key is known. */
export function orderRegister(
  key: number,
  use: RegisterUse,
  committed: Committed,
  edges: EdgeList,
): boolean {
  const hasDeletes = use.writes.some(({ value }) => value === absent);
  const writer = (value: number) =>
    value === absent ? undefined : committed.written.writer(key, value)?.by;
  const readers = readersOf(use.reads);
  for (const { by, value } of use.reads) {
    if (typeof value !== 'number') continue;
    edges.add(edgeTypes.wr, writer(value), by, { key, before: value, after: -1 });
  }
  if (hasDeletes) return false;
  const link = (before: number, after: number, types: { ww: number; rw: number }) => {
    const why = { key, before, after };
    edges.add(types.ww, writer(before), writer(after), why);
    for (const by of readers.get(before) ?? []) edges.add(types.rw, by, writer(after), why);
  };
  const followers = knownFollowers(use);
  const preceded = new Set<number>();
  for (const [before, values] of followers) {
    for (const after of values) {
      preceded.add(after);
      link(before, after, { ww: edgeTypes.wwAfterRead, rw: edgeTypes.rw });
    }
  }
  const roots = use.writes.filter(({ value }) => !preceded.has(value));
  if (roots.length * (readers.get(absent)?.length ?? 0) <= pairsMax) {
    for (const { value } of roots) {
      link(absent, value, { ww: edgeTypes.wwAfterRead, rw: edgeTypes.rw });
    }
  }
  const byTime = { ww: edgeTypes.wwByTime, rw: edgeTypes.rwByTime };
  for (const [before, after] of orderByTime(use, committed.transactions)) {
    if (after !== absent) link(before, after, byTime);
  }
  return isChain(followers, roots.length);
}

function readersOf(reads: readonly Read[]): Map<number, number[]> {
  const readers = new Map<number, number[]>();
  for (const { by, value } of reads) {
    if (typeof value !== 'number') continue;
    const own = readers.get(value);
    if (own === undefined) readers.set(value, [by]);
    else own.push(by);
  }
  return readers;
}

/** By value, those that were written by whoever had read it. */
function knownFollowers({ reads, writes }: RegisterUse): Map<number, Set<number>> {
  const wrote = new Map(writes.map(({ by, value }) => [by, value]));
  const followers = new Map<number, Set<number>>();
  for (const { by, value } of reads) {
    const after = wrote.get(by);
    if (after === undefined || typeof value !== 'number' || after === value) continue;
    const own = followers.get(value);
    if (own === undefined) followers.set(value, new Set([after]));
    else own.add(after);
  }
  return followers;
}

/** Each value but the last has one known to follow it, absence among them. */
function isChain(followers: ReadonlyMap<number, ReadonlySet<number>>, roots: number): boolean {
  const afterAbsence = roots + (followers.get(absent)?.size ?? 0);
  return afterAbsence <= 1 && [...followers.values()].every(({ size }) => size === 1);
}

interface Touch {
  readonly by: number;
  /** The first and last value that the transaction had to do with. */
  readonly first: number;
  readonly last: number;
}

/** Pairs of values of which the first cannot come after the second, without most of those that follow from others. */
function* orderByTime(
  { reads, writes }: RegisterUse,
  transactions: readonly Transaction[],
): Generator<readonly [number, number]> {
  const touches = new Map<number, Touch>();
  for (const { by, value } of writes) touches.set(by, { by, first: value, last: value });
  for (const { by, value } of reads) {
    if (typeof value !== 'number') continue;
    touches.set(by, { by, first: value, last: touches.get(by)?.last ?? value });
  }
  const told = new Map<number, Set<number>>();
  for (const [earlier, later] of immediatelyBefore([...touches.keys()], transactions)) {
    const before = (touches.get(earlier) as Touch).last;
    const after = (touches.get(later) as Touch).first;
    let own = told.get(before);
    if (own === undefined) {
      own = new Set();
      told.set(before, own);
    }
    if (before === after || own.has(after)) continue;
    own.add(after);
    yield [before, after];
  }
}

/**
 * Pairs of transactions of which the first ended before the second began, without those that follow from two others:
 * what has ended is kept until one that began after its end has ended itself.
 */
function* immediatelyBefore(
  chosen: readonly number[],
  transactions: readonly Transaction[],
): Generator<readonly [number, number]> {
  const of = (at: number) => transactions[at] as Transaction;
  const starts = [...chosen].sort((a, b) => of(a).start - of(b).start);
  const ends = [...chosen].sort((a, b) => of(a).end - of(b).end);
  let latest: number[] = [];
  let ended = 0;
  for (const at of starts) {
    for (let other = ends[ended]; other !== undefined; other = ends[++ended]) {
      const { start, end } = of(other);
      if (end >= of(at).start) break;
      latest = latest.filter((earlier) => of(earlier).end >= start);
      latest.push(other);
    }
    for (const earlier of latest) yield [earlier, at];
  }
}
