/** Who must have come before whom, and why. */
import { type AddArrow, type Arrows, arrowsOf } from '../graph/arrows.js';
import type { SeenTransaction } from './transactions.js';

/** Bits, so that a model says with one number which of them it obeys. */
export const edgeTypes = {
  /** Wrote what the other one overwrote, as a list shows it. */
  ww: 1,
  /** The same, of a single value that the other one had read before it wrote: nobody wrote between, in a snapshot. */
  wwAfterRead: 2,
  /** Wrote what the other one read. */
  wr: 4,
  /** Read what the other one overwrote. */
  rw: 8,
  /** Ended before the other one, of the same client, began. */
  process: 16,
  /** Ended before the other one began. */
  realtime: 32,
  /** As `ww` and `rw`, of values whose order is told by time alone. */
  wwByTime: 64,
  rwByTime: 128,
  /** Appended what is before what the other one appended in a list that somebody read, committed or not. */
  shown: 256,
  /** Wrote what a third one read in a later version, for that knew of both. */
  known: 512,
  /** Appended to the list that the other one read, which has more in it since. */
  part: 1024,
} as const;

export interface Edge {
  readonly from: number;
  readonly to: number;
  /** Of {@link edgeTypes}. */
  readonly type: number;
  /** The key and its two values, -1 where they are of no meaning: what `from` read or wrote, what `to` wrote. */
  readonly key: number;
  readonly before: number;
  readonly after: number;
  /** Those, besides these two, without whom nobody would know. */
  readonly via: readonly number[];
}

const nobody: readonly number[] = [];

type Reason = Partial<Pick<Edge, 'key' | 'before' | 'after'>>;

export class EdgeList {
  readonly edges: Edge[] = [];

  add(
    type: number,
    from: number | undefined,
    to: number | undefined,
    { key = -1, before = -1, after = -1 }: Reason = {},
    via = nobody,
  ): void {
    if (from === undefined || to === undefined || from === to || from < 0) return;
    this.edges.push({ from, to, type, key, before, after, via });
  }
}

/** In the place of an edge: one step on in time. */
const timePasses = -1;

/** The edges of these types, as they are. */
export function plainArrows(edges: readonly Edge[], nodes: number, types: number): Arrows {
  return arrowsOf(nodes, (add) => addEdges(edges, types, add));
}

/**
 * The same, and that whoever ended before another began came before: there is a node more for each end, in the order of
 * time, so that there are not as many arrows as pairs.
 */
export function arrowsInTime(
  edges: readonly Edge[],
  spans: readonly { readonly start: number; readonly end: number }[],
  types: number,
): Arrows {
  const nodes = spans.length;
  const span = (at: number) => spans[at] as { readonly start: number; readonly end: number };
  const starts = spans.map((_, at) => at).sort((a, b) => span(a).start - span(b).start);
  const ends = spans.map((_, at) => at).sort((a, b) => span(a).end - span(b).end);
  return arrowsOf(2 * nodes, (add) => {
    addEdges(edges, types, add);
    let ended = 0;
    for (const at of starts) {
      while (ended < nodes && span(ends[ended] as number).end < span(at).start) ended++;
      if (ended > 0) add(nodes + ended - 1, at, timePasses);
    }
    ends.forEach((at, place) => {
      add(at, nodes + place, timePasses);
      if (place > 0) add(nodes + place - 1, nodes + place, timePasses);
    });
  });
}

function addEdges(edges: readonly Edge[], types: number, add: AddArrow): void {
  edges.forEach(({ from, to, type }, at) => {
    if ((type & types) !== 0) add(from, to, at);
  });
}

/**
 * Each node twice: 2n is where transaction n takes its snapshot, 2n + 1 where it commits (Cerone & Gotsman 2016; Adya's
 * start-depends). What a snapshot shows was committed before it was taken; what it does not show, after that; and of two
 * that wrote the same, one had committed before the other one began.
 */
export function snapshotArrows(edges: readonly Edge[], nodes: number, types: number): Arrows {
  return arrowsOf(2 * nodes, (add) => {
    for (let at = 0; at < nodes; at++) add(2 * at, 2 * at + 1, timePasses);
    edges.forEach(({ from, to, type }, at) => {
      if ((type & types) === 0) return;
      if ((type & edgeTypes.rw) !== 0) add(2 * from, 2 * to + 1, at);
      else add(2 * from + 1, 2 * to, at);
    });
  });
}

/** The edges of a cycle; however long time passes between two of them, that is one. */
export function toEdges(cycle: readonly number[], edges: readonly Edge[]): Edge[] {
  const begin = cycle.findIndex((at) => at !== timePasses);
  const turned = [...cycle.slice(begin), ...cycle.slice(0, begin)];
  const found: Edge[] = [];
  const joinTo = (next: Edge) => {
    const last = found.at(-1);
    if (last !== undefined && last.to !== next.from) found.push(inTime(last.to, next.from));
  };
  for (const at of turned) {
    if (at === timePasses) continue;
    const edge = edges[at] as Edge;
    joinTo(edge);
    found.push(edge);
  }
  joinTo(found[0] as Edge);
  return found;
}

/** Replaces the longest part of the cycle from a transaction to one that began after its end. */
export function shortenInTime(
  cycle: readonly Edge[],
  transactions: readonly SeenTransaction[],
): Edge[] {
  const count = cycle.length;
  const at = (place: number) => (cycle[place % count] as Edge).from;
  for (let length = count - 1; length > 1; length--) {
    for (let place = 0; place < count; place++) {
      const [from, to] = [at(place), at(place + length)];
      const { end } = transactions[from] as SeenTransaction;
      if (end >= (transactions[to] as SeenTransaction).start) continue;
      const rest = Array.from(
        { length: count - length },
        (_, step) => cycle[(place + length + step) % count] as Edge,
      );
      return [inTime(from, to), ...rest];
    }
  }
  return [...cycle];
}

function inTime(from: number, to: number): Edge {
  return { from, to, type: edgeTypes.realtime, key: -1, before: -1, after: -1, via: [] };
}
