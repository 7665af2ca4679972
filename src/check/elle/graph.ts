/** Who must have come before whom, and why. */

/** Bits, so that a model says with one number which of them it obeys. */
export const edgeTypes = {
  /** Wrote what the other one overwrote, as a list shows it. */
  ww: 1,
  /** The same, of a single value that the other one had read before it wrote: certain once dirty reads are ruled out. */
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
}

export class EdgeList {
  readonly edges: Edge[] = [];

  add(
    type: number,
    from: number | undefined,
    to: number | undefined,
    why: { readonly key: number; readonly before: number; readonly after: number },
  ): void {
    if (from === undefined || to === undefined || from === to) return;
    this.edges.push({ from, to, type, key: why.key, before: why.before, after: why.after });
  }
}

/** Arrows between numbered nodes; each is an edge, by its index. */
export interface Arrows {
  readonly nodes: number;
  /** The arrows from node n are those at `first[n]` to `first[n + 1]`. */
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly edge: Int32Array;
}

/** In the place of an edge: one step on in time. */
export const timePasses = -1;

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

function addEdges(edges: readonly Edge[], types: number, add: Add): void {
  edges.forEach(({ from, to, type }, at) => {
    if ((type & types) !== 0) add(from, to, at);
  });
}

/**
 * Each node twice, so that no path takes two edges of `lonely` types one after the other: 2n is node n, 2n + 1 is
 * node n when it was reached by such an edge.
 */
export function lonelyArrows(
  edges: readonly Edge[],
  nodes: number,
  types: number,
  lonely: number,
): Arrows {
  return arrowsOf(2 * nodes, (add) => {
    edges.forEach(({ from, to, type }, at) => {
      if ((type & types) === 0) return;
      if ((type & lonely) !== 0) add(2 * from, 2 * to + 1, at);
      else {
        add(2 * from, 2 * to, at);
        add(2 * from + 1, 2 * to, at);
      }
    });
  });
}

type Add = (from: number, to: number, edge: number) => void;

function arrowsOf(nodes: number, eachArrow: (add: Add) => void): Arrows {
  const first = new Int32Array(nodes + 1);
  eachArrow((from) => {
    first[from + 1] = (first[from + 1] as number) + 1;
  });
  for (let at = 0; at < nodes; at++) {
    first[at + 1] = (first[at + 1] as number) + (first[at] as number);
  }
  const to = new Int32Array(first[nodes] as number);
  const edge = new Int32Array(to.length);
  const next = first.slice();
  eachArrow((from, target, index) => {
    const place = next[from] as number;
    next[from] = place + 1;
    to[place] = target;
    edge[place] = index;
  });
  return { nodes, first, to, edge };
}
