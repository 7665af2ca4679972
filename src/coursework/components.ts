import type { NodeId } from '../core/ids.js';
import type { Direction } from '../faults/link-rules.js';

/** The parts of a graph in which every two nodes are linked unless a cut is between them. */
export function componentsOf(nodes: readonly NodeId[], cuts: readonly Direction[]): NodeId[][] {
  const cut = new Set(cuts.map(({ from, to }) => `${from}>${to}`));
  const linked = (a: NodeId, b: NodeId): boolean => !cut.has(`${a}>${b}`) && !cut.has(`${b}>${a}`);
  const left = new Set(nodes);
  const parts: NodeId[][] = [];
  for (const first of nodes) {
    if (!left.delete(first)) continue;
    const part = [first];
    for (const node of part) {
      for (const other of left) {
        if (!linked(node, other)) continue;
        left.delete(other);
        part.push(other);
      }
    }
    parts.push(part);
  }
  return parts;
}
