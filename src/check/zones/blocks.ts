/**
 * Blocks: chains of clusters whose operations follow one another with nothing in between. A block is before another
 * when its least end is less than the other's greatest start. With the least end less than the greatest start it is
 * *forward*: from the one to the other, its zone, the register surely holds its values. Else it is *backward*, and may
 * happen all at once at any time from the greatest start to the least end.
 */
import { registerKinds, type Suspects } from '../register/operations.js';
import { beforeTime, type Clusters, noOne, withProofs } from './clusters.js';

export interface Blocks {
  readonly clusters: Clusters;
  readonly count: number;
  /** The clusters of block b, first to last: `chain` from `chainFrom[b]` to `chainFrom[b + 1]`. */
  readonly chain: Int32Array;
  readonly chainFrom: Int32Array;
  /** The least end and the greatest start of a block's operations. */
  readonly end: Float64Array;
  readonly start: Float64Array;
  /** Whether it can only begin in absence; and whether it surely leaves absence. */
  readonly isRootedInAbsence: Uint8Array;
  readonly leavesAbsence: Uint8Array;
}

const { cas } = registerKinds;

export function blocksOf(clusters: Clusters): Blocks | Suspects {
  const { valuesEnd, isLive, next } = clusters;
  const chain = new Int32Array(clusters.count);
  const chainFrom = new Int32Array(clusters.count + 1);
  let count = 0;
  let length = 0;
  let live = 0;
  for (let root = 1; root < valuesEnd; root++) {
    if (isLive[root] === 0) continue;
    live++;
    if (!isRoot(clusters, root)) continue;
    for (let cluster = root; cluster !== noOne; cluster = next[cluster] as number) {
      chain[length++] = cluster;
    }
    chainFrom[++count] = length;
  }
  const blocks: Blocks = {
    ...{ clusters, count, chain, chainFrom },
    end: new Float64Array(count),
    start: new Float64Array(count),
    isRootedInAbsence: new Uint8Array(count),
    leavesAbsence: new Uint8Array(count),
  };
  let reached = 0;
  for (let block = 0; block < count; block++) {
    const suspects = measure(blocks, block);
    if (suspects !== null) return suspects;
    reached += (chainFrom[block + 1] as number) - (chainFrom[block] as number);
    reached -= blocks.leavesAbsence[block] as number;
  }
  return reached === live ? blocks : { suspects: circle(blocks) };
}

function isRoot({ operations: { kind, expected }, writer }: Clusters, cluster: number): boolean {
  const own = writer[cluster] as number;
  return own === beforeTime || kind[own] !== cas || expected[own] === 0;
}

/** Fills in what {@link Blocks} says of one block; suspects when its own operations contradict the order of its clusters. */
function measure(blocks: Blocks, block: number): Suspects | null {
  const { clusters, chain, chainFrom } = blocks;
  const { firstEnd, lastStart, writer, valuesEnd } = clusters;
  const from = chainFrom[block] as number;
  const to = chainFrom[block + 1] as number;
  let end = Number.POSITIVE_INFINITY;
  let start = Number.NEGATIVE_INFINITY;
  for (let place = to - 1; place >= from; place--) {
    const cluster = chain[place] as number;
    // An operation of a later cluster ended before one of this cluster started.
    if (end < (lastStart[cluster] as number)) {
      return { suspects: outOfOrder(blocks, place, to) };
    }
    end = Math.min(end, firstEnd[cluster] as number);
    start = Math.max(start, lastStart[cluster] as number);
  }
  const root = writer[chain[from] as number] as number;
  blocks.end[block] = end;
  blocks.start[block] = start;
  blocks.isRootedInAbsence[block] = root >= 0 && clusters.operations.kind[root] === cas ? 1 : 0;
  blocks.leavesAbsence[block] = (chain[to - 1] as number) >= valuesEnd ? 1 : 0;
  return null;
}

function outOfOrder({ clusters, chain }: Blocks, place: number, to: number): number[] {
  const late = chain[place] as number;
  let other = place + 1;
  while (
    other < to - 1 &&
    (clusters.firstEnd[chain[other] as number] as number) >= (clusters.lastStart[late] as number)
  ) {
    other++;
  }
  const early = clusters.first[chain[other] as number] as number;
  const writers = writersBetween(clusters, chain, place, other);
  return withProofs(clusters, [clusters.last[late] as number, early, ...writers]);
}

function writersBetween({ writer }: Clusters, chain: Int32Array, from: number, to: number) {
  return Array.from(chain.subarray(from, to + 1), (cluster) => writer[cluster] as number);
}

/** The compare-and-sets of a chain that never began: each found what another of them wrote. */
function circle(blocks: Blocks): number[] {
  const { clusters } = blocks;
  const { operations, writer, isLive, valuesEnd } = clusters;
  const isReached = new Uint8Array(clusters.count);
  const reachedEnd = blocks.chainFrom[blocks.count] as number;
  for (let place = 0; place < reachedEnd; place++) isReached[blocks.chain[place] as number] = 1;
  let cluster = 1;
  while (cluster < valuesEnd && (isLive[cluster] === 0 || isReached[cluster] === 1)) cluster++;
  const round = new Set<number>();
  // Going back from anywhere in it leads into the circle, but need not have begun on it.
  while (!round.has(cluster)) {
    round.add(cluster);
    cluster = operations.expected[writer[cluster] as number] as number;
  }
  const onCircle = [...round].slice([...round].indexOf(cluster));
  return withProofs(
    clusters,
    onCircle.map((own) => writer[own] as number),
  );
}

/**
 * Operations that show that a block was there at `before` already and still at `after`: one that ended before `before`,
 * one that started after `after`, and what leads from the one's value to the other's, as short as can be had.
 */
export function around(
  { clusters, chain, chainFrom }: Blocks,
  block: number,
  before: number,
  after: number,
): number[] {
  const { firstEnd, lastStart, first, last } = clusters;
  const to = chainFrom[block + 1] as number;
  let ended = noOne;
  let started = noOne;
  let best: { ended: number; started: number } | null = null;
  for (let place = chainFrom[block] as number; place < to; place++) {
    const cluster = chain[place] as number;
    if ((firstEnd[cluster] as number) < before) ended = place;
    if ((lastStart[cluster] as number) > after) started = place;
    if (ended === noOne || started === noOne) continue;
    if (best === null || Math.abs(ended - started) < Math.abs(best.ended - best.started)) {
      best = { ended, started };
    }
  }
  if (best === null) return [];
  const { ended: one, started: other } = best;
  return withProofs(clusters, [
    first[chain[one] as number] as number,
    last[chain[other] as number] as number,
    ...writersBetween(clusters, chain, Math.min(one, other), Math.max(one, other)),
  ]);
}
