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
    const cycle = shortestPath(arrows, start, start, component) as number[];
    if (best === null || cycle.length < best.length) best = cycle;
  }
  return best && edgesAt(arrows, best);
}

const edgesAt = ({ edge }: Arrows, places: readonly number[]): number[] =>
  places.map((place) => edge[place] as number);

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
      begin === end ? [] : shortestPath(arrows, begin, end, component, most);
    if (path === null) continue;
    best = [edge, ...edgesAt(arrows, path)];
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

/**
 * The places of the arrows of a shortest way, of one arrow at least and `most` at most; breadth first. `component`: it does
 * not leave that of `begin`.
 */
export function shortestPath(
  { nodes, first, to }: Arrows,
  begin: number,
  end: number,
  component: Int32Array | null = null,
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
          const path = [place];
          for (let at = node; at !== begin; ) {
            const { place: by, from } = cameBy.get(at) as { place: number; from: number };
            path.push(by);
            at = from;
          }
          return path.reverse();
        }
        const isOutside = component !== null && component[target] !== component[begin];
        if (isOutside || target === begin || cameBy.has(target)) continue;
        cameBy.set(target, { place, from: node });
        next.push(target);
      }
    }
    wave = next;
  }
  return null;
}

/** The nodes of it, both ends included. */
export function nodesBetween(arrows: Arrows, begin: number, end: number): number[] {
  if (begin === end) return [begin];
  const places = shortestPath(arrows, begin, end) ?? [];
  return [begin, ...places.map((place) => arrows.to[place] as number)];
}
