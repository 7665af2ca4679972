import type { History, Step } from './history.js';

/** The history of these operations alone; `keep` has a 1 for each. Ids and lines are those of the whole. */
export function selectOperations(history: History, keep: Uint8Array): History {
  const isKept = (_: unknown, at: number): boolean => keep[at] === 1;
  const steps = new Map<number, readonly Step[]>();
  let count = 0;
  for (let at = 0; at < history.count; at++) {
    if (keep[at] !== 1) continue;
    const own = history.steps.get(at);
    if (own !== undefined) steps.set(count, own);
    count++;
  }
  return {
    ...history,
    count,
    steps,
    process: history.process.filter(isKept),
    kind: history.kind.filter(isKept),
    outcome: history.outcome.filter(isKept),
    key: history.key.filter(isKept),
    written: history.written.filter(isKept),
    expected: history.expected.filter(isKept),
    seen: history.seen.filter(isKept),
    invokedAt: history.invokedAt.filter(isKept),
    returnedAt: history.returnedAt.filter(isKept),
    node: history.node.filter(isKept),
    session: history.session.filter(isKept),
    versionStamp: history.versionStamp.filter(isKept),
    versionNode: history.versionNode.filter(isKept),
    line: history.line.filter(isKept),
  };
}
