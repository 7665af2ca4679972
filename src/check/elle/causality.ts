/**
 * Causal consistency of transactions: there is an order of all that obeys sessions and who read from whom, and nobody
 * reads, of any key, something older than what it depends on (R. Biswas and C. Enea, "On the complexity of checking
 * transactional consistency", OOPSLA 2019; CCv of Bouajjani et al., POPL 2017). Judged as AWDIT does (L. Møldrup and
 * A. Pavlogiannis, PLDI 2025): what a transaction depends on is one number a session, and of each session only the last
 * write of a key counts.
 *
 * A list shows all that was appended to it, so its states are nodes of the graph, each after the one before.
 */

import { countWhile, entryOf } from '../../core/lookup.js';
import type { Budget, StepWatch } from '../budget.js';
import { askBudget } from '../budget.js';
import type { Arrows } from '../graph/arrows.js';
import { nodesBetween } from '../graph/cycles.js';
import { eachInOrder } from '../graph/order.js';
import { type DirectAnomaly, directAnomaly } from './anomaly.js';
import { type Edge, EdgeList, edgeTypes, plainArrows } from './graph.js';
import { SeenKeys } from './seen.js';
import type { Sources } from './sources.js';
import { type Chains, joinClock, sessionChains } from './transactions.js';

/** Who depends on whom: the transactions are the first of the nodes, the states of lists the others. */
export interface Causes {
  readonly nodes: number;
  readonly edges: EdgeList;
}

export function causesOf(sources: Sources, dependencies: EdgeList): Causes {
  const edges = new EdgeList();
  for (const edge of dependencies.edges) {
    const isOfList = sources.chains.has(edge.key);
    const counts = edge.type === edgeTypes.process || (edge.type === edgeTypes.wr && !isOfList);
    if (counts) edges.edges.push(edge);
  }
  let nodes = sources.live.length;
  for (const [key, { order, list, ends }] of sources.chains) {
    const before = (place: number) => list[Math.min(ends[place] as number, list.length) - 1] ?? -1;
    order.forEach((by, place) => {
      const why = { key, before: before(place) };
      edges.add(edgeTypes.part, by, nodes + place, why);
      if (place > 0) edges.add(edgeTypes.part, nodes + place - 1, nodes + place, why);
    });
    for (const { by, blocks } of sources.lists.get(key) ?? []) {
      if (blocks === 0) continue;
      edges.add(edgeTypes.part, nodes + blocks - 1, by, { key, before: before(blocks - 1) });
    }
    nodes += order.length;
  }
  return { nodes, edges };
}

/** What must come before what was read, since the reader depends on it; of causes without a circle. */
export class CausalDemands {
  readonly edges = new EdgeList();
  readonly anomalies: DirectAnomaly[] = [];
  readonly #sources: Sources;
  readonly #chains: Chains;
  readonly #keys: SeenKeys;
  /** By key, by chain: who wrote the key, in the chain's order. */
  readonly #writers = new Map<number, Map<number, number[]>>();
  readonly #clocks: (Int32Array | undefined)[];
  readonly #spare: Int32Array[] = [];
  readonly #budget: Budget;
  #allocated = 0;

  constructor(sources: Sources, { nodes, edges }: Causes, watch: StepWatch, budget: Budget) {
    this.#sources = sources;
    this.#budget = budget;
    this.#chains = sessionChains(sources.live, sources.happened);
    this.#keys = new SeenKeys(sources);
    this.#clocks = new Array<Int32Array | undefined>(nodes).fill(undefined);
    this.#addWriters();
    const arrows = plainArrows(edges.edges, nodes, ~0);
    const isListed = (node: number) => node >= sources.live.length;
    eachInOrder(arrows, isListed, (node) => {
      watch(this.#chains.count);
      this.#visit(node, arrows);
    });
  }

  #addWriters(): void {
    const { access, happened } = this.#sources;
    access.forEach(({ writes }, by) => {
      if (happened[by] === 0) return;
      const chain = this.#chains.chain[by] as number;
      for (const { key } of writes) {
        const ofKey = entryOf(this.#writers, key, () => new Map<number, number[]>());
        const own = entryOf(ofKey, chain, () => []);
        if (own.at(-1) !== by) own.push(by);
      }
    });
  }

  #visit(node: number, { first, to }: Arrows): void {
    const clock = this.#clocks[node] ?? this.#take();
    const isTransaction = node < this.#sources.live.length;
    if (isTransaction && this.#sources.happened[node] === 1) {
      this.#demand(node, clock);
      clock[this.#chains.chain[node] as number] = this.#chains.position[node] as number;
    }
    for (let place = first[node] as number; place < (first[node + 1] as number); place++) {
      const target = to[place] as number;
      this.#clocks[target] ??= this.#take();
      joinClock(this.#clocks[target], clock);
    }
    this.#clocks[node] = undefined;
    this.#spare.push(clock);
  }

  #take(): Int32Array {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare.fill(0);
    const clock = new Int32Array(this.#chains.count);
    this.#allocated += clock.byteLength + 64;
    askBudget(this.#budget, this.#allocated);
    return clock;
  }

  #demand(by: number, clock: Int32Array): void {
    for (const seen of this.#keys.of(by)) {
      for (const [chain, writers] of this.#writers.get(seen.key) ?? []) {
        const writer = this.#lastUpTo(writers, clock[chain] as number);
        if (writer === undefined || writer === by) continue;
        const agrees = this.#keys.agrees(seen, writer);
        if (agrees === 'if later') {
          this.edges.add(edgeTypes.known, writer, seen.source, { key: seen.key }, [by]);
        } else if (agrees === 'no') {
          const told = '{0} did not see what {1} wrote, although it depends on {1}';
          this.anomalies.push(directAnomaly('stale causal read', 'causal', [by, writer], told));
        }
      }
    }
  }

  /** Of those in one chain, the last whose position is at most this. */
  #lastUpTo(writers: readonly number[], position: number): number | undefined {
    const isBefore = (by: number) => (this.#chains.position[by] as number) <= position;
    return writers[countWhile(writers, isBefore) - 1];
  }
}

/** Transactions on the shortest way from one to another, both included. */
export function causalPath(
  { nodes, edges }: Causes,
  from: number,
  to: number,
  live: number,
): number[] {
  const path = nodesBetween(plainArrows(edges.edges, nodes, ~0), from, to);
  return path.filter((node) => node < live);
}

/** The same without states of lists: who appended, before who read. */
export function withoutStates(cycle: readonly Edge[], live: number): Edge[] {
  const begin = cycle.findIndex(({ from }) => from < live);
  const turned = [...cycle.slice(begin), ...cycle.slice(0, begin)];
  const edges: Edge[] = [];
  let appended: Edge | null = null;
  for (const edge of turned) {
    if (edge.type !== edgeTypes.part) edges.push(edge);
    else if (edge.from < live) appended = edge;
    else if (edge.to < live && appended !== null) {
      const { from, before } = appended;
      edges.push({ ...edge, type: edgeTypes.wr, from, before });
    }
  }
  return edges;
}
