/** Short cycles in directed graphs. */
import type { StepWatch } from '../budget.js';
import { type Arrows, arrowsFrom } from './arrows.js';

const none = -1;
/** From how many nodes of a component a shortest cycle is looked for; and through how many edges. */
const startsMax = 32;
const edgesMax = 64;

/** The edges of a short cycle, one after the other; `null` when there is no cycle. O(nodes + arrows), nearly always. */
export function shortCycle(arrows: Arrows, watch: StepWatch): number[] | null {
  const { component, members } = componentsOf(arrows, watch);
  const cyclic = members.filter(({ length }) => length > 1);
  cyclic.sort((a, b) => a.length - b.length);
  const [smallest] = cyclic;
  if (smallest === undefined) return null;
  let best: number[] | null = null;
  for (const start of smallest.slice(0, startsMax)) {
    watch(smallest.length);
    const cycle = pathWithin(arrows, component, start, start) as number[];
    if (best === null || cycle.length < best.length) best = cycle;
  }
  return best;
}

/**
 * A cycle through an edge that `isWanted`, short where the graph lets it be found quickly: its edges in order, beginning
 * with that edge; an edge is the index of its two nodes. `null`: there is none.
 */
export function cycleAmong(
  nodes: number,
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  isWanted: (edge: number) => boolean,
): readonly number[] | null {
  const arrows = arrowsFrom(nodes, from, to);
  const { component } = componentsOf(arrows, () => {});
  let best: readonly number[] | null = null;
  for (let edge = 0, tried = 0; edge < from.length && tried < edgesMax; edge++) {
    const [begin, end] = [to[edge] as number, from[edge] as number];
    // An edge lies on a cycle exactly when both of its ends are in one strongly connected component.
    if (!isWanted(edge) || component[begin] !== component[end]) continue;
    tried++;
    const most: number = (best?.length ?? nodes + 1) - 2;
    const path: number[] | null =
      begin === end ? [] : pathWithin(arrows, component, begin, end, most);
    if (path === null) continue;
    best = [edge, ...path];
    if (best.length <= 2) break;
  }
  return best;
}

/** R. Tarjan, "Depth-first search and linear graph algorithms", 1972, with a stack of its own. */
function componentsOf({ nodes, first, to }: Arrows, watch: StepWatch) {
  const index = new Int32Array(nodes).fill(none);
  const low = new Int32Array(nodes);
  const component = new Int32Array(nodes).fill(none);
  const members: number[][] = [];
  const open: number[] = [];
  const path: number[] = [];
  const next = first.slice();
  let count = 0;
  const enter = (node: number) => {
    index[node] = count;
    low[node] = count++;
    open.push(node);
    path.push(node);
  };
  for (let root = 0; root < nodes; root++) {
    if (index[root] !== none) continue;
    enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      watch(1);
      const place = next[node] as number;
      if (place < (first[node + 1] as number)) {
        next[node] = place + 1;
        const target = to[place] as number;
        if (index[target] === none) enter(target);
        else if (component[target] === none) {
          low[node] = Math.min(low[node] as number, index[target] as number);
        }
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) {
        low[parent] = Math.min(low[parent] as number, low[node] as number);
      }
      if (low[node] === index[node]) {
        const own = open.splice(open.lastIndexOf(node));
        for (const member of own) component[member] = members.length;
        members.push(own);
      }
    }
  }
  return { component, members };
}

/** The edges of a shortest way within a component, of one edge at least and `most` at most; breadth first. */
function pathWithin(
  { nodes, first, to, edge }: Arrows,
  component: Int32Array,
  begin: number,
  end: number,
  most = nodes,
): number[] | null {
  /** By node: the place of the arrow by which it was reached first, and the node that it comes from. */
  const cameBy = new Map<number, { readonly place: number; readonly from: number }>();
  let wave = [begin];
  for (let length = 1; length <= most && wave.length > 0; length++) {
    const next: number[] = [];
    for (const node of wave) {
      for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
        const target = to[place] as number;
        if (target === end) {
          const path = [edge[place] as number];
          for (let at = node; at !== begin; ) {
            const { place: by, from } = cameBy.get(at) as { place: number; from: number };
            path.push(edge[by] as number);
            at = from;
          }
          return path.reverse();
        }
        if (component[target] !== component[begin] || target === begin || cameBy.has(target))
          continue;
        cameBy.set(target, { place, from: node });
        next.push(target);
      }
    }
    wave = next;
  }
  return null;
}
