/** Connected parts of a cluster some of whose links are broken. */
import type { NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import type { Direction } from '../faults/link-rules.js';

/** Breaks a random share of the links, both ways: anything from a full graph over lines and trees to lone nodes. */
export function drawBroken(nodes: readonly NodeId[], random: Random): Direction[] {
  const share = random.next();
  return nodes.flatMap((from, at) =>
    nodes.slice(at + 1).flatMap((to) => {
      const broken = [
        { from, to },
        { from: to, to: from },
      ];
      return random.chance(share) ? broken : [];
    }),
  );
}

/** Who reaches whom, over any chain of links that are not broken; every node is in one part. */
export function partsOf(nodes: readonly NodeId[], broken: readonly Direction[]): NodeId[][] {
  const names = new Set(broken.map(({ from, to }) => `${from}>${to}`));
  const left = new Set(nodes);
  const parts: NodeId[][] = [];
  for (const first of nodes) {
    if (!left.delete(first)) continue;
    const part = [first];
    // `part` grows while it is walked.
    for (const from of part) {
      for (const to of left) {
        if (names.has(`${from}>${to}`) || names.has(`${to}>${from}`)) continue;
        left.delete(to);
        part.push(to);
      }
    }
    parts.push(part);
  }
  return parts;
}
