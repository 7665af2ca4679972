/**
 * Keys with a single value each: what is known of the order of their values is little. What was there at first comes
 * first; in a snapshot, who read one value and wrote another tells that these two follow one another; and where time
 * counts, whoever ended before another began had to do with a value that is no later than the other's.
 *
 * A version is called by the transaction that wrote it.
 */
import { entryOf, pushTo } from '../lookup.js';
import type { WriteAccess } from './access.js';
import { type EdgeList, edgeTypes } from './graph.js';
import { immediatelyBefore } from './in-time.js';
import { atFirst, type SourcedRead, undecided } from './sources.js';
import type { SeenTransaction } from './transactions.js';

/** More pairs than this of readers of what was there at first and writers are left out: no proof, but no wrong one. */
const pairsMax = 100_000;
const nothing = -1;

export interface RegisterUse {
  readonly reads: readonly SourcedRead[];
  /** The last write of each transaction. */
  readonly writes: readonly WriteAccess[];
}

export function addRegister(
  key: number,
  use: RegisterUse,
  transactions: readonly SeenTransaction[],
  edges: EdgeList,
): void {
  const valueBy = new Map(use.writes.map(({ by, value }) => [by, value]));
  const readers = readersOf(use.reads);
  for (const { by, value, source } of use.reads) {
    edges.add(edgeTypes.wr, source, by, { key, before: value, after: nothing });
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

function readersOf(reads: readonly SourcedRead[]): Map<number, number[]> {
  const readers = new Map<number, number[]>();
  for (const { by, source } of reads) {
    pushTo(readers, source, by);
  }
  return readers;
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
  { reads, writes }: RegisterUse,
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
