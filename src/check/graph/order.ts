/** Orders that obey a graph. */
import { MinHeap } from '../sort.js';
import type { Arrows } from './arrows.js';

/** Visits each node after its predecessors, `urgent` ones as soon as may be, else by number; how many there were. */
export function eachInOrder(
  arrows: Arrows,
  isUrgent: (node: number) => boolean,
  visit: (node: number) => void,
): number {
  const { nodes, first, to } = arrows;
  const waitsFor = predecessorsOf(arrows);
  const urgent: number[] = [];
  const ready = new MinHeap(Int32Array.from(waitsFor, (_, node) => node));
  const release = (node: number) => (isUrgent(node) ? urgent.push(node) : ready.push(node));
  for (let node = 0; node < nodes; node++) if (waitsFor[node] === 0) release(node);
  let visited = 0;
  for (;;) {
    const node = urgent.pop() ?? ready.pop();
    if (node === undefined) return visited;
    visited += 1;
    visit(node);
    for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
      const target = to[place] as number;
      waitsFor[target] = (waitsFor[target] as number) - 1;
      if (waitsFor[target] === 0) release(target);
    }
  }
}

export function predecessorsOf({ nodes, to }: Arrows): Int32Array {
  const count = new Int32Array(nodes);
  for (const target of to) count[target] = (count[target] as number) + 1;
  return count;
}
