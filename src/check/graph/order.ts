/** Orders that obey a graph. */
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
  const ready = new Heap();
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

/** The least number comes first. */
class Heap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    for (let up = (at - 1) >> 1; at > 0 && (items[up] as number) > item; up = (at - 1) >> 1) {
      items[at] = items[up] as number;
      at = up;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const [top] = items;
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && (items[down + 1] as number) < (items[down] as number)) down++;
      if ((items[down] as number) >= last) break;
      items[at] = items[down] as number;
      at = down;
    }
    items[at] = last;
    return top;
  }
}
