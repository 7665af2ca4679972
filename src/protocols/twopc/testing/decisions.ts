/**
 * Who decided what, from everything that became durable and everything that was said: the evidence for "all reach the
 * same decision".
 */
import type { NodeId } from '../../../core/ids.js';
import type { TransactionId } from '../records.js';
import type { TwoPhaseCluster } from './cluster.js';

export interface Decided {
  readonly commits: Set<NodeId>;
  readonly aborts: Set<NodeId>;
}

export function decisionsOf(cluster: TwoPhaseCluster): Map<TransactionId, Decided> {
  const decisions = new Map<TransactionId, Decided>();
  const note = (kind: keyof Decided, ids: readonly TransactionId[], node: NodeId) => {
    for (const id of ids) {
      const decided = decisions.get(id) ?? { commits: new Set(), aborts: new Set() };
      decided[kind].add(node);
      decisions.set(id, decided);
    }
  };
  for (const [node, records] of cluster.durable) {
    for (const record of records) {
      if (record.type === 'committed') note('commits', record.ids, node);
      if (record.type !== 'decided') continue;
      note('commits', record.commits, node);
      note('aborts', record.aborts, node);
    }
  }
  for (const { from, message } of cluster.sent) {
    if (message.type !== 'decision') continue;
    note('commits', message.commits, from);
    note('aborts', message.aborts, from);
  }
  return decisions;
}

/** Transactions that somebody committed and somebody aborted, in words; there must be none. */
export function splitDecisions(cluster: TwoPhaseCluster): string[] {
  const split: string[] = [];
  for (const [id, { commits, aborts }] of decisionsOf(cluster)) {
    if (commits.size === 0 || aborts.size === 0) continue;
    split.push(`${id}: committed by ${[...commits].join()}, aborted by ${[...aborts].join()}`);
  }
  return split;
}
