/** Circles in a directed graph whose edges are given as columns: near linear, and without recursion. */

interface Graph {
  readonly nodeCount: number;
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
  /** Edges by the node they leave: `edges[starts[node]]` to `edges[starts[node + 1] - 1]`. */
  readonly starts: Int32Array;
  readonly edges: Int32Array;
}

/** How many edges of a tangle are tried as the beginning of a shortest circle. */
const beginningsMax = 64;

/**
 * A circle through an edge that `isWanted`, short where the graph lets it be found quickly: the indices of its edges in
 * order, beginning with that edge. `null`: there is none.
 */
export function circleAmong(
  nodeCount: number,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  isWanted: (edge: number) => boolean,
): readonly number[] | null {
  const graph = graphOf(nodeCount, from, to);
  const component = componentsOf(graph);
  let best: readonly number[] = [];
  let bound = nodeCount + 1;
  let tried = 0;
  for (let edge = 0; edge < from.length && tried < beginningsMax; edge++) {
    if (!isWanted(edge)) continue;
    // An edge lies on a circle exactly when both of its ends are in one strongly connected component.
    if (component[from[edge] as number] !== component[to[edge] as number]) continue;
    tried += 1;
    const circle = circleThrough(graph, component, edge, bound);
    if (circle === null) continue;
    best = circle;
    bound = circle.length;
    if (bound <= 2) break;
  }
  return best.length === 0 ? null : best;
}

function graphOf(nodeCount: number, from: ArrayLike<number>, to: ArrayLike<number>): Graph {
  const starts = new Int32Array(nodeCount + 1);
  for (let edge = 0; edge < from.length; edge++) {
    const node = from[edge] as number;
    starts[node + 1] = (starts[node + 1] as number) + 1;
  }
  for (let node = 1; node <= nodeCount; node++) {
    starts[node] = (starts[node] as number) + (starts[node - 1] as number);
  }
  const next = starts.slice();
  const edges = new Int32Array(from.length);
  for (let edge = 0; edge < from.length; edge++) {
    const node = from[edge] as number;
    edges[next[node] as number] = edge;
    next[node] = (next[node] as number) + 1;
  }
  return { nodeCount, from, to, starts, edges };
}

/** The strongly connected component of each node (Tarjan 1972), with a stack of its own instead of recursion. */
function componentsOf({ nodeCount, to, starts, edges }: Graph): Int32Array {
  const component = new Int32Array(nodeCount).fill(-1);
  const number = new Int32Array(nodeCount).fill(-1);
  const low = new Int32Array(nodeCount);
  const next = starts.slice(0, nodeCount);
  const open: number[] = [];
  const path: number[] = [];
  let [numbered, components] = [0, 0];
  for (let root = 0; root < nodeCount; root++) {
    if (number[root] !== -1) continue;
    path.push(root);
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      if (number[node] === -1) {
        number[node] = numbered;
        low[node] = numbered++;
        open.push(node);
      }
      const place = next[node] as number;
      if (place < (starts[node + 1] as number)) {
        next[node] = place + 1;
        const target = to[edges[place] as number] as number;
        if (number[target] === -1) path.push(target);
        else if (component[target] === -1) {
          low[node] = Math.min(low[node] as number, number[target] as number);
        }
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] !== number[node]) continue;
      closeComponent(open, node, component, components++);
    }
  }
  return component;
}

function closeComponent(open: number[], root: number, component: Int32Array, name: number): void {
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    component[node] = name;
    if (node === root) return;
  }
}

/** The shortest circle through `first` with fewer than `bound` edges. */
function circleThrough(
  { from, to, starts, edges }: Graph,
  component: Int32Array,
  first: number,
  bound: number,
): readonly number[] | null {
  const begin = to[first] as number;
  const end = from[first] as number;
  if (begin === end) return [first];
  const arrivedBy = new Map<number, number>();
  let wave = [begin];
  for (let length = 2; length < bound && wave.length > 0; length++) {
    const nextWave: number[] = [];
    for (const node of wave) {
      for (let place = starts[node] as number; place < (starts[node + 1] as number); place++) {
        const edge = edges[place] as number;
        const target = to[edge] as number;
        if (target === end) return [first, ...pathTo(edge, begin, from, arrivedBy)];
        if (target === begin || component[target] !== component[begin]) continue;
        if (arrivedBy.has(target)) continue;
        arrivedBy.set(target, edge);
        nextWave.push(target);
      }
    }
    wave = nextWave;
  }
  return null;
}

function pathTo(
  last: number,
  begin: number,
  from: ArrayLike<number>,
  arrivedBy: ReadonlyMap<number, number>,
): readonly number[] {
  const path = [last];
  let node = from[last] as number;
  while (node !== begin) {
    const edge = arrivedBy.get(node) as number;
    path.push(edge);
    node = from[edge] as number;
  }
  return path.reverse();
}
