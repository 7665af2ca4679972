/** Keys that lists are kept under: the longest list read tells the order of all that was appended before it. */
import type { Chain, Chained } from './chain.js';
import { type EdgeList, edgeTypes } from './graph.js';

/** More pairs than this of readers and writers whose order is not known are left out: no proof, but no wrong one. */
const pairsMax = 100_000;
const nothing = -1;

/** Adds the edges of one key. */
export function addList(chain: Chain, reads: readonly Chained[], edges: EdgeList): void {
  const { key, order, unseen } = chain;
  const value = (place: number) => lastOf(chain, place);
  const via = chain.reader < 0 ? [] : [chain.reader];
  for (let place = 1; place < order.length; place++) {
    const why = {
      key,
      before: value(place - 1),
      after: chain.list[chain.ends[place - 1] as number] ?? nothing,
    };
    edges.add(edgeTypes.ww, order[place - 1], order[place], why, via);
  }
  const last = order.length - 1;
  for (const { by, value: after } of unseen) {
    edges.add(edgeTypes.ww, order[last], by, { key, before: value(last), after }, via);
  }
  let pairs = 0;
  for (const { by, blocks } of reads) {
    const before = value(blocks - 1);
    edges.add(edgeTypes.wr, order[blocks - 1], by, { key, before, after: nothing });
    if (blocks < order.length) {
      const next = order[blocks] === by ? blocks + 1 : blocks;
      const after = value(next);
      edges.add(edgeTypes.rw, by, order[next], { key, before, after });
      if (next < order.length) continue;
    }
    pairs += unseen.length;
    if (pairs > pairsMax) continue;
    for (const other of unseen) {
      edges.add(edgeTypes.rw, by, other.by, { key, before, after: other.value });
    }
  }
}

/** What stands at the end of a block; of one that nobody read whole, at the end of what was read. */
function lastOf({ list, ends }: Chain, place: number): number {
  const end = ends[place];
  return end === undefined ? nothing : (list[Math.min(end, list.length) - 1] ?? nothing);
}
