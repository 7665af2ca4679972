/** The graph of who depends on whom: Kingsbury and Alvaro, "Elle: inferring isolation anomalies", VLDB 2020. */

import type { StepWatch } from '../budget.js';
import { entryOf, pushTo } from '../lookup.js';
import type { WriteAccess } from './access.js';
import { EdgeList, edgeTypes } from './graph.js';
import { immediatelyBefore } from './in-time.js';
import { addList } from './lists.js';
import { addRegister } from './registers.js';
import type { SourcedRead, Sources } from './sources.js';
import type { SeenTransaction } from './transactions.js';

export function dependenciesOf(sources: Sources, watch: StepWatch): EdgeList {
  const edges = new EdgeList();
  for (const [key, { reads, writes }] of registersOf(sources)) {
    watch(reads.length + writes.length);
    addRegister(key, { reads, writes }, sources.live, edges);
  }
  for (const [key, chain] of sources.chains) {
    const reads = sources.lists.get(key) ?? [];
    watch(reads.length + chain.order.length);
    addList(chain, reads, edges);
  }
  addSessions(sources.live, sources.happened, edges);
  return edges;
}

export interface RegisterUses {
  readonly reads: SourcedRead[];
  /** The last write of each transaction that happened. */
  readonly writes: WriteAccess[];
}

export function registersOf({ access, happened, reads }: Sources): Map<number, RegisterUses> {
  const uses = new Map<number, RegisterUses>();
  const useOf = (key: number): RegisterUses => {
    const use = entryOf(uses, key, () => ({ reads: [], writes: [] }));
    return use;
  };
  for (const read of reads) useOf(read.key).reads.push(read);
  access.forEach(({ writes }, by) => {
    if (happened[by] === 0) return;
    for (const write of writes) {
      if (!write.isAppend && !write.isIntermediate) useOf(write.key).writes.push(write);
    }
  });
  return uses;
}

/** The order of each session's transactions; that of all in time needs no edges: see `arrowsInTime`. */
function addSessions(
  transactions: readonly SeenTransaction[],
  happened: Uint8Array,
  edges: EdgeList,
): void {
  const why = { key: -1, before: -1, after: -1 };
  const bySession = new Map<number, number[]>();
  transactions.forEach(({ session }, at) => {
    if (happened[at] === 0) return;
    pushTo(bySession, session, at);
  });
  for (const own of bySession.values()) {
    for (const [before, at] of immediatelyBefore(own, transactions)) {
      edges.add(edgeTypes.process, before, at, why);
    }
  }
}
