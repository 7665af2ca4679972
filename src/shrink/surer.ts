/** Decisions that fail under one seed, moved about in time and between nodes until they fail under most. */
import type { Millis, NodeId } from '../core/ids.js';
import type { AskedOperation, RunDecisions } from '../explore/decisions.js';
import { simulatedNodes } from '../explore/drawn-run.js';
import type { Fault } from '../faults/fault.js';

/** Under how many seeds they fail; it may stop counting where more than `least` are out of reach. */
export type CountHits = (decisions: RunDecisions, least: number) => Promise<number>;

const movesMs: readonly Millis[] = [1, -1, 3, -3, 10, -10, 40, -40];

/** Climbs: what fails under more seeds takes the place of what failed under fewer. `enough`: of that many it is content. */
export async function madeSurer(
  from: RunDecisions,
  nodes: number,
  hitsOf: CountHits,
  enough: number,
): Promise<RunDecisions> {
  const names = simulatedNodes(nodes);
  let best = from;
  let hits = await hitsOf(from, 0);
  const climb = async (decisions: RunDecisions): Promise<boolean> => {
    if (hits >= enough) return false;
    const found = await hitsOf(decisions, hits);
    if (found <= hits) return false;
    [best, hits] = [decisions, found];
    return true;
  };
  for (let before = -1; before < hits && hits < enough; ) {
    before = hits;
    for (let at = 0; at < best.faults.length; at++) {
      for (const fault of movedFaults(best.faults[at] as Fault)) {
        if (await climb({ ...best, faults: best.faults.with(at, fault) })) break;
      }
    }
    for (let at = 0; at < best.operations.length; at++) {
      for (const asked of movedOperations(best.operations[at] as AskedOperation, names)) {
        if (await climb({ ...best, operations: best.operations.with(at, asked) })) break;
      }
    }
  }
  return best;
}

/** Longer, earlier, later. */
function movedFaults(fault: Fault): Fault[] {
  const { atMs, forMs } = fault;
  return [
    { ...fault, forMs: 2 * forMs },
    { ...fault, forMs: forMs + 200 },
    ...movesMs.filter((byMs) => atMs + byMs >= 0).map((byMs) => ({ ...fault, atMs: atMs + byMs })),
  ];
}

function movedOperations(asked: AskedOperation, nodes: readonly NodeId[]): AskedOperation[] {
  const { atMs } = asked;
  return [
    ...movesMs.filter((byMs) => atMs + byMs >= 0).map((byMs) => ({ ...asked, atMs: atMs + byMs })),
    ...nodes.filter((node) => node !== asked.node).map((node) => ({ ...asked, node })),
  ];
}
