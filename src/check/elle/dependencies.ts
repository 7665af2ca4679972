/** The graph of who depends on whom: Kingsbury and Alvaro, "Elle: inferring isolation anomalies", VLDB 2020. */
import type { Watch } from '../budget.js';
import type { Read, Write } from './access.js';
import type { DirectAnomaly } from './anomaly.js';
import { EdgeList, edgeTypes } from './graph.js';
import { orderList } from './lists.js';
import { orderRegister } from './registers.js';
import type { Transaction } from './transactions.js';
import type { Committed } from './written.js';

export interface Dependencies {
  readonly edges: EdgeList;
  readonly anomalies: readonly DirectAnomaly[];
  /** The order of all writes of every key is known, so that what has no cycle has none in truth. */
  readonly isComplete: boolean;
}

interface KeyUse {
  readonly reads: Read[];
  readonly writes: Write[];
}

export function dependenciesOf(
  committed: Committed,
  lists: ReadonlySet<number>,
  watch: Watch,
): Dependencies {
  const edges = new EdgeList();
  const anomalies: DirectAnomaly[] = [];
  let isComplete = true;
  for (const [key, { reads, writes }] of usesByKey(committed)) {
    watch(reads.length + writes.length);
    if (lists.has(key)) {
      const order = orderList(key, reads, writes, committed, edges);
      anomalies.push(...order.anomalies);
      isComplete &&= order.isComplete;
    } else {
      const use = { reads, writes: writes.filter(({ isIntermediate }) => !isIntermediate) };
      isComplete = orderRegister(key, use, committed, edges) && isComplete;
    }
  }
  addSessions(committed.transactions, edges);
  return { edges, anomalies, isComplete };
}

function usesByKey({ access }: Committed): Map<number, KeyUse> {
  const uses = new Map<number, KeyUse>();
  const useOf = (key: number): KeyUse => {
    let use = uses.get(key);
    if (use === undefined) {
      use = { reads: [], writes: [] };
      uses.set(key, use);
    }
    return use;
  };
  for (const { reads, writes } of access) {
    for (const read of reads) useOf(read.key).reads.push(read);
    for (const write of writes) useOf(write.key).writes.push(write);
  }
  return uses;
}

/** The order of each client's transactions; that of all in time needs no edges: see `arrowsInTime`. */
function addSessions(transactions: readonly Transaction[], edges: EdgeList): void {
  const why = { key: -1, before: -1, after: -1 };
  const last = new Map<number, number>();
  transactions.forEach(({ process, start }, at) => {
    const before = last.get(process);
    const hasEnded = before !== undefined && (transactions[before] as Transaction).end < start;
    if (hasEnded) edges.add(edgeTypes.process, before, at, why);
    last.set(process, at);
  });
}
