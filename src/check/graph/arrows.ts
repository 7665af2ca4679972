/** Directed graphs of numbered nodes: near linear to build and to walk, and without recursion. */

/** Arrows between numbered nodes; each is an edge, by its index. */
export interface Arrows {
  readonly nodes: number;
  /** The arrows from node n are those at `first[n]` to `first[n + 1]`. */
  readonly first: Int32Array;
  readonly to: Int32Array;
  readonly edge: Int32Array;
}

export type AddArrow = (from: number, to: number, edge: number) => void;

export function arrowsOf(nodes: number, eachArrow: (add: AddArrow) => void): Arrows {
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

/** The same from pairs: arrow n from `from[n]` to `to[n]`. */
export const arrowsFrom = (nodes: number, from: ArrayLike<number>, to: ArrayLike<number>): Arrows =>
  arrowsOf(nodes, (add) => {
    for (let at = 0; at < from.length; at++) add(from[at] as number, to[at] as number, at);
  });
