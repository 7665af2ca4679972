/** The graph of who depends on whom: Kingsbury and Alvaro, "Elle: inferring isolation anomalies", VLDB 2020. */

import { entryOf, pushTo } from '../../core/lookup.js';
import type { StepWatch } from '../budget.js';
import { atFirst, type WriteAccess } from './access.js';
import type { Chain, Chained } from './chain.js';
import { EdgeList, edgeTypes } from './graph.js';
import { type SourcedRead, type Sources, undecided } from './sources.js';
import type { SeenTransaction } from './transactions.js';

export function dependenciesOf(sources: Sources, watch: StepWatch): EdgeList {
  const edges = new EdgeList();
  for (const [key, uses] of registersOf(sources)) {
    watch(uses.reads.length + uses.writes.length);
    addRegister(key, uses, sources.live, edges);
  }
  for (const [key, chain] of sources.chains) {
    const reads = sources.lists.get(key) ?? [];
    watch(reads.length + chain.order.length);
    addList(chain, reads, edges);
  }
  addSessions(sources.live, sources.happened, edges);
  return edges;
}

interface RegisterUses {
  readonly reads: SourcedRead[];
  /** The last write of each transaction that happened. */
  readonly writes: WriteAccess[];
}

export function registersOf({ access, happened, reads }: Sources): Map<number, RegisterUses> {
  const uses = new Map<number, RegisterUses>();
  const useOf = (key: number) => entryOf(uses, key, () => ({ reads: [], writes: [] }));
  for (const read of reads) useOf(read.key).reads.push(read);
  access.forEach(({ writes }, by) => {
    if (happened[by] === 0) return;
    for (const write of writes) {
      if (!write.isAppend && !write.isIntermediate) useOf(write.key).writes.push(write);
    }
  });
  return uses;
}

/** The order of each session's transactions; that of all in time needs no edges: see `arrowsInTime`. */
function addSessions(
  transactions: readonly SeenTransaction[],
  happened: Uint8Array,
  edges: EdgeList,
): void {
  const bySession = new Map<number, number[]>();
  transactions.forEach(({ session }, at) => {
    if (happened[at] === 1) pushTo(bySession, session, at);
  });
  for (const own of bySession.values()) {
    for (const [before, at] of immediatelyBefore(own, transactions)) {
      edges.add(edgeTypes.process, before, at);
    }
  }
}

/** More pairs than this of readers and writers whose order is not known are left out: no proof, but no wrong one. */
const pairsMax = 100_000;
const nothing = -1;

/** A key that lists are kept under: the longest list read tells the order of all that was appended before it. */
function addList(chain: Chain, reads: readonly Chained[], edges: EdgeList): void {
  const { key, order, unseen } = chain;
  const value = (place: number) => lastOf(chain, place);
  const via = chain.reader < 0 ? [] : [chain.reader];
  for (let place = 1; place < order.length; place++) {
    const why = {
      key,
      before: value(place - 1),
      after: chain.list[chain.ends[place - 1] as number] ?? nothing,
    };
    edges.add(edgeTypes.ww, order[place - 1], order[place], why, via);
  }
  const last = order.length - 1;
  for (const { by, value: after } of unseen) {
    edges.add(edgeTypes.ww, order[last], by, { key, before: value(last), after }, via);
  }
  let pairs = 0;
  for (const { by, blocks } of reads) {
    const before = value(blocks - 1);
    edges.add(edgeTypes.wr, order[blocks - 1], by, { key, before });
    if (blocks < order.length) {
      const next = order[blocks] === by ? blocks + 1 : blocks;
      const after = value(next);
      edges.add(edgeTypes.rw, by, order[next], { key, before, after });
      if (next < order.length) continue;
    }
    pairs += unseen.length;
    if (pairs > pairsMax) continue;
    for (const other of unseen) {
      edges.add(edgeTypes.rw, by, other.by, { key, before, after: other.value });
    }
  }
}

/** What stands at the end of a block; of one that nobody read whole, at the end of what was read. */
function lastOf({ list, ends }: Chain, place: number): number {
  const end = ends[place];
  return end === undefined ? nothing : (list[Math.min(end, list.length) - 1] ?? nothing);
}

/**
 * A key with a single value at a time: what is known of the order of their values is little. What was there at first comes
 * first; in a snapshot, who read one value and wrote another tells that these two follow one another; and where time
 * counts, whoever ended before another began had to do with a value that is no later than the other's.
 *
 * A version is called by the transaction that wrote it.
 */
function addRegister(
  key: number,
  use: RegisterUses,
  transactions: readonly SeenTransaction[],
  edges: EdgeList,
): void {
  const valueBy = new Map(use.writes.map(({ by, value }) => [by, value]));
  const readers = new Map<number, number[]>();
  for (const { by, value, source } of use.reads) {
    pushTo(readers, source, by);
    edges.add(edgeTypes.wr, source, by, { key, before: value });
  }
  const link = (
    before: number,
    after: number,
    types: { ww: number; rw: number },
    via: readonly number[],
  ) => {
    const why = {
      key,
      before: valueBy.get(before) ?? nothing,
      after: valueBy.get(after) ?? nothing,
    };
    edges.add(types.ww, before, after, why, via);
    for (const by of readers.get(before) ?? []) edges.add(types.rw, by, after, why, via);
  };
  const byReading = { ww: edgeTypes.wwAfterRead, rw: edgeTypes.rw };
  const hasPredecessor = new Set<number>();
  for (const { by, source } of use.reads) {
    if (source === undecided || !valueBy.has(by)) continue;
    hasPredecessor.add(by);
    link(source, by, byReading, []);
  }
  const others = use.writes.filter(({ by }) => !hasPredecessor.has(by));
  if (others.length * (readers.get(atFirst)?.length ?? 0) <= pairsMax) {
    for (const { by } of others) link(atFirst, by, byReading, []);
  }
  const byTime = { ww: edgeTypes.wwByTime, rw: edgeTypes.rwByTime };
  for (const { before, after, via } of orderByTime(use, transactions)) {
    if (after !== atFirst) link(before, after, byTime, via);
  }
}

interface Touch {
  readonly by: number;
  /** The first and last version that the transaction had to do with. */
  readonly first: number;
  readonly last: number;
}

interface Order {
  readonly before: number;
  readonly after: number;
  readonly via: readonly number[];
}

/** Pairs of versions of which the first cannot come after the second, without most of those that follow from others. */
function* orderByTime(
  { reads, writes }: RegisterUses,
  transactions: readonly SeenTransaction[],
): Generator<Order> {
  const touches = new Map<number, Touch>();
  for (const { by } of writes) touches.set(by, { by, first: by, last: by });
  for (const { by, source } of reads) {
    if (source === undecided) continue;
    touches.set(by, { by, first: source, last: touches.get(by)?.last ?? source });
  }
  const told = new Map<number, Set<number>>();
  for (const [earlier, later] of immediatelyBefore([...touches.keys()], transactions)) {
    const before = (touches.get(earlier) as Touch).last;
    const after = (touches.get(later) as Touch).first;
    const own = entryOf(told, before, () => new Set());
    if (before === after || own.has(after)) continue;
    own.add(after);
    yield { before, after, via: [earlier, later] };
  }
}

/**
 * Pairs of transactions of which the first ended before the second began, without those that follow from two others:
 * what has ended is kept until one that began after its end has ended itself.
 */
export function* immediatelyBefore(
  chosen: readonly number[],
  transactions: readonly SeenTransaction[],
): Generator<readonly [number, number]> {
  const of = (at: number) => transactions[at] as SeenTransaction;
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
