/**
 * Clusters and chains: the first half of engine 1.
 *
 * A cluster is one non-absent value: its writer and its reads. What may have happened counts only if somebody saw what
 * it wrote ("live"): an unconditional write must follow a write that nobody saw, so leaving that out harms nobody. A
 * compare-and-set from u to v is the last thing that happens on u, so clusters chain into blocks, and nothing else
 * comes between the operations of one block.
 */
import { arrowsOf } from '../graph/arrows.js';
import { type RegisterOperations, registerKinds, type Suspects } from '../register/operations.js';
import { sortByKey } from '../sort.js';

export const noOne = -1;
/** The writer of the initial value. */
export const beforeTime = -2;

export interface Clusters {
  readonly operations: RegisterOperations;
  /**
   * Clusters are numbered: below this by their value (0 is unused), from this on those of a compare-and-set that
   * deletes, which have no reads.
   */
  readonly valuesEnd: number;
  readonly count: number;
  /** Of each cluster the operation that wrote it, {@link noOne} or {@link beforeTime}. */
  readonly writer: Int32Array;
  /** Whether the cluster's value was surely there at some time. */
  readonly isLive: Uint8Array;
  /** Of a live cluster an operation that shows it. */
  readonly proof: Int32Array;
  /** The operation of it that ended first, and when; -Infinity and {@link noOne} for the initial value. */
  readonly first: Int32Array;
  readonly firstEnd: Float64Array;
  /** The operation of it that started last, and when. */
  readonly last: Int32Array;
  readonly lastStart: Float64Array;
  /** The cluster that a compare-and-set made of it; {@link noOne} when none surely did. */
  readonly next: Int32Array;
  /**
   * The compare-and-set that may have deleted it, at once or over values that nobody saw, and the earliest time at
   * which it can be absent then.
   */
  readonly tail: Int32Array;
  readonly tailFrom: Float64Array;
  /** The reads of cluster c, by start: `reads` from `readsFrom[c]` to `readsFrom[c + 1]`. */
  readonly reads: Int32Array;
  readonly readsFrom: Int32Array;
}

const { read, write, cas } = registerKinds;
const never = Number.POSITIVE_INFINITY;

/** `null` when a non-absent value was written twice. Only reads, writes and compare-and-sets; values from 0 to `valueMax`. */
export function clustersOf(
  operations: RegisterOperations,
  valueMax: number,
): Clusters | Suspects | null {
  const clusters = emptyClusters(operations, valueMax + 1);
  if (!findWriters(clusters)) return null;
  findLive(clusters);
  return (
    findPhantom(clusters) ?? findNext(clusters) ?? findExtremes(clusters) ?? withTails(clusters)
  );
}

function emptyClusters(operations: RegisterOperations, valuesEnd: number): Clusters {
  const { count: operationsCount, kind, value, expected, end } = operations;
  let deleting = 0;
  for (let at = 0; at < operationsCount; at++) {
    if (kind[at] === cas && value[at] === 0 && expected[at] !== 0 && end[at] !== never) deleting++;
  }
  const count = valuesEnd + deleting;
  const { reads, readsFrom } = readsOf(operations, count);
  return {
    ...{ operations, valuesEnd, count, reads, readsFrom },
    writer: new Int32Array(count).fill(noOne),
    isLive: new Uint8Array(count),
    proof: new Int32Array(count).fill(noOne),
    first: new Int32Array(count).fill(noOne),
    firstEnd: new Float64Array(count).fill(never),
    last: new Int32Array(count).fill(noOne),
    lastStart: new Float64Array(count).fill(-never),
    next: new Int32Array(count).fill(noOne),
    tail: new Int32Array(count).fill(noOne),
    tailFrom: new Float64Array(count).fill(never),
  };
}

function readsOf({ count, kind, value, start }: RegisterOperations, clusters: number) {
  const all = new Int32Array(count);
  let total = 0;
  for (let at = 0; at < count; at++) if (kind[at] === read && value[at] !== 0) all[total++] = at;
  const byStart = sortByKey(all.subarray(0, total), start);
  const { first: readsFrom, to: reads } = arrowsOf(clusters, (add) => {
    for (let nth = 0; nth < total; nth++) {
      const at = byStart[nth] as number;
      add(value[at] as number, at, 0);
    }
  });
  return { reads, readsFrom };
}

/** False when a value was written twice. */
function findWriters({ operations, writer }: Clusters): boolean {
  const { count, kind, value, initial } = operations;
  if (initial !== 0) writer[initial] = beforeTime;
  for (let at = 0; at < count; at++) {
    const own = value[at] as number;
    if (kind[at] === read || own === 0) continue;
    if (writer[own] !== noOne) return false;
    writer[own] = at;
  }
  return true;
}

function findLive({ operations, writer, isLive, proof }: Clusters): void {
  const { count, kind, value, expected, end, initial } = operations;
  /** And, when only a compare-and-set that may have happened wrote it, what that found. */
  const mark = (seen: number, by: number) => {
    let cluster = seen;
    let shownBy = by;
    while (cluster !== 0 && isLive[cluster] === 0) {
      isLive[cluster] = 1;
      proof[cluster] = shownBy;
      const own = writer[cluster] as number;
      if (own < 0 || kind[own] !== cas || end[own] !== never) return;
      cluster = expected[own] as number;
      shownBy = own;
    }
  };
  if (initial !== 0) mark(initial, noOne);
  for (let at = 0; at < count; at++) {
    if (end[at] === never) continue;
    mark(value[at] as number, at);
    if (kind[at] === cas) mark(expected[at] as number, at);
  }
}

function findPhantom(clusters: Clusters): Suspects | null {
  const { valuesEnd, writer, isLive, proof } = clusters;
  for (let cluster = 1; cluster < valuesEnd; cluster++) {
    if (isLive[cluster] === 1 && writer[cluster] === noOne) {
      return { suspects: withProofs(clusters, [proof[cluster] as number]) };
    }
  }
  return null;
}

function findNext(clusters: Clusters): Suspects | null {
  const { count, kind, value, expected, start, end } = clusters.operations;
  const { writer, isLive, next, first, firstEnd, last, lastStart } = clusters;
  let deleting = clusters.valuesEnd;
  for (let at = 0; at < count; at++) {
    const from = expected[at] as number;
    let to = value[at] as number;
    if (kind[at] !== cas || from === 0) continue;
    if (end[at] === never && (to === 0 || isLive[to] === 0)) continue;
    if (next[from] !== noOne) {
      const both = [at, writer[next[from] as number] as number, writer[from] as number];
      return { suspects: withProofs(clusters, both) };
    }
    if (to === 0) {
      to = deleting++;
      writer[to] = first[to] = last[to] = at;
      firstEnd[to] = end[at] as number;
      lastStart[to] = start[at] as number;
    }
    next[from] = to;
  }
  return null;
}

/** Of each live value the first end and the last start; a read that ended before its writer started is a future read. */
function findExtremes(clusters: Clusters): Suspects | null {
  const { start, end } = clusters.operations;
  const { valuesEnd, writer, isLive, first, firstEnd, last, lastStart, reads, readsFrom } =
    clusters;
  for (let cluster = 1; cluster < valuesEnd; cluster++) {
    if (isLive[cluster] === 0) continue;
    const own = writer[cluster] as number;
    let earliest = own;
    let latest = own;
    let earliestEnd = own === beforeTime ? -never : (end[own] as number);
    let latestStart = own === beforeTime ? -never : (start[own] as number);
    const writerStart = latestStart;
    const to = readsFrom[cluster + 1] as number;
    for (let place = readsFrom[cluster] as number; place < to; place++) {
      const at = reads[place] as number;
      const readEnd = end[at] as number;
      const readStart = start[at] as number;
      if (readEnd < writerStart) return { suspects: [at, own] };
      if (readEnd < earliestEnd) {
        earliestEnd = readEnd;
        earliest = at;
      }
      if (readStart > latestStart) {
        latestStart = readStart;
        latest = at;
      }
    }
    first[cluster] = earliest;
    firstEnd[cluster] = earliestEnd;
    last[cluster] = latest;
    lastStart[cluster] = latestStart;
  }
  return null;
}

/**
 * A compare-and-set to absence that may have happened may delete the value that it expects; so may one to a value that
 * nobody saw, when another may have deleted that.
 */
function withTails(clusters: Clusters): Clusters {
  const { count, kind, value, expected, start, end } = clusters.operations;
  const { writer, isLive, tail, tailFrom } = clusters;
  for (let at = 0; at < count; at++) {
    if (kind[at] !== cas || value[at] !== 0 || end[at] !== never) continue;
    let by = at;
    let from = start[at] as number;
    while (kind[by] === cas && end[by] === never) {
      const cluster = expected[by] as number;
      from = Math.max(from, start[by] as number);
      if (cluster === 0 || from >= (tailFrom[cluster] as number)) break;
      tailFrom[cluster] = from;
      tail[cluster] = by;
      if (isLive[cluster] === 1 || writer[cluster] === noOne) break;
      by = writer[cluster] as number;
    }
  }
  return clusters;
}

/**
 * Suspects together with what shows that those which may have happened did happen: nobody can say of them that they
 * never took effect.
 */
export function withProofs(
  { operations: { kind, value, end }, proof }: Clusters,
  suspects: readonly number[],
): number[] {
  const all = new Set(suspects.filter((at) => at >= 0));
  for (const at of all) {
    const own = value[at] as number;
    if (kind[at] === write || kind[at] === cas) {
      if (end[at] === never && own !== 0 && proof[own] !== noOne) all.add(proof[own] as number);
    }
  }
  return [...all];
}
