import { type Edge, edgeTypes, timePasses } from './graph.js';
import type { SeenTransaction } from './transactions.js';

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
