import type { Watch } from '../budget.js';
import type { Arrows } from './graph.js';

const none = -1;
/** From how many nodes of a component a shortest cycle is looked for. */
const startsMax = 32;

/** The edges of a short cycle, one after the other; `null` when there is no cycle. O(nodes + arrows), nearly always. */
export function shortCycle(arrows: Arrows, watch: Watch): number[] | null {
  const { component, members } = componentsOf(arrows, watch);
  const cyclic = members.filter(({ length }) => length > 1);
  cyclic.sort((a, b) => a.length - b.length);
  const [smallest] = cyclic;
  if (smallest === undefined) return null;
  let best: number[] | null = null;
  for (const start of smallest.slice(0, startsMax)) {
    watch(smallest.length);
    const cycle = cycleThrough(arrows, component, start);
    if (best === null || cycle.length < best.length) best = cycle;
  }
  return best;
}

/** R. Tarjan, "Depth-first search and linear graph algorithms", 1972, with a stack of its own. */
function componentsOf({ nodes, first, to }: Arrows, watch: Watch) {
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

/** The shortest cycle through `start`, breadth first within its component. */
function cycleThrough({ nodes, first, to, edge }: Arrows, component: Int32Array, start: number) {
  const cameBy = new Int32Array(nodes).fill(none);
  const cameFrom = new Int32Array(nodes).fill(none);
  const queue = [start];
  for (const node of queue) {
    for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
      const target = to[place] as number;
      if (component[target] !== component[start]) continue;
      if (target === start) {
        const cycle = [edge[place] as number];
        for (let at = node; at !== start; at = cameFrom[at] as number) {
          cycle.push(cameBy[at] as number);
        }
        return cycle.reverse();
      }
      if (cameFrom[target] !== none) continue;
      cameBy[target] = edge[place] as number;
      cameFrom[target] = node;
      queue.push(target);
    }
  }
  throw new Error('a node of a component is on no cycle');
}
