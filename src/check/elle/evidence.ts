/** Against a model, from one way of saying who read from whom: what is wrong by itself, or a circle of dependencies. */
import type { StepWatch } from '../budget.js';
import type { Arrows } from '../graph/arrows.js';
import { shortCycle } from '../graph/cycles.js';
import { eachInOrder } from '../graph/order.js';
import type { Budget } from '../register/operations.js';
import { type DirectAnomaly, type TransactionModel, weakerModels } from './anomaly.js';
import { CausalDemands, type Causes, causalPath, causesOf, withoutStates } from './causality.js';
import { shortenInTime, toEdges } from './cycle-edges.js';
import { dependenciesOf } from './dependencies.js';
import { type Demands, fracturedReads } from './fractured.js';
import {
  arrowsInTime,
  type Edge,
  type EdgeList,
  edgeTypes,
  plainArrows,
  snapshotArrows,
} from './graph.js';
import { lostUpdates } from './lost-updates.js';
import { SeenKeys } from './seen.js';
import type { Sources } from './sources.js';
import type { Witness } from './witness.js';

const { ww, wwAfterRead, wr, rw, process, known, wwByTime, rwByTime } = edgeTypes;
const committed = ww | wr;
const serial = committed | wwAfterRead | rw;
const inTime = serial | process | wwByTime | rwByTime;

export type Against =
  | { readonly type: 'direct'; readonly anomaly: DirectAnomaly }
  | { readonly type: 'circle'; readonly edges: readonly Edge[] }
  | { readonly type: 'core'; readonly by: readonly number[] };

export class Refuter {
  readonly sources: Sources;
  readonly #watch: StepWatch;
  readonly #budget: Budget;
  #dependencies: EdgeList | null = null;
  #fractured: Demands | null = null;
  #causes: Causes | null = null;
  #causal: CausalDemands | null = null;

  constructor(sources: Sources, watch: StepWatch, budget: Budget) {
    this.sources = sources;
    this.#watch = watch;
    this.#budget = budget;
  }

  get dependencies(): EdgeList {
    this.#dependencies ??= dependenciesOf(this.sources, this.#watch);
    return this.#dependencies;
  }

  /** `null`: nothing is found against the model. */
  against(model: TransactionModel): Against | null {
    const forbidden = [model, ...weakerModels[model]];
    const anomaly = this.#anomalies(model).find(({ forbiddenBy }) =>
      forbidden.includes(forbiddenBy),
    );
    if (anomaly !== undefined) return { type: 'direct', anomaly };
    const edges = this.#circle(model);
    return edges === null ? null : { type: 'circle', edges };
  }

  /** An order of commits, where nothing is against one. */
  witness(model: 'read-committed' | 'read-atomic' | 'causal'): Witness | null {
    const order = topological(this.#arrows(model), this.sources);
    return order === null ? null : { order, sourceOf: this.sourceOf() };
  }

  sourceOf(): Witness['sourceOf'] {
    const keys = new SeenKeys(this.sources);
    return (by, key) => keys.of(by).find((seen) => seen.key === key)?.source;
  }

  #anomalies(model: TransactionModel): readonly DirectAnomaly[] {
    const { anomalies } = this.sources;
    if (anomalies.length > 0) return anomalies;
    if (model === 'snapshot-isolation') return lostUpdates(this.sources);
    if (model === 'read-atomic') return this.#fracturedReads().anomalies;
    // What depends on itself has no place in an order.
    if (model === 'causal' && this.#circle('causes') === null) {
      return this.#causalDemands().anomalies.map((found) => this.#withPath(found));
    }
    return [];
  }

  /** With those through whom the first depends on the second. */
  #withPath(anomaly: DirectAnomaly): DirectAnomaly {
    const [reader, writer] = anomaly.by as [number, number];
    const path = causalPath(this.#causesOf(), writer, reader, this.sources.live.length);
    return { ...anomaly, by: [reader, writer, ...path.slice(1, -1)] };
  }

  #fracturedReads(): Demands {
    this.#fractured ??= fracturedReads(this.sources, this.#watch);
    return this.#fractured;
  }

  #causesOf(): Causes {
    this.#causes ??= causesOf(this.sources, this.dependencies);
    return this.#causes;
  }

  #causalDemands(): CausalDemands {
    this.#causal ??= new CausalDemands(this.sources, this.#causesOf(), this.#watch, this.#budget);
    return this.#causal;
  }

  #edges(model: 'read-committed' | 'read-atomic' | 'causal' | 'causes'): readonly Edge[] {
    const { edges } = this.dependencies;
    switch (model) {
      case 'read-committed':
        return edges;
      case 'read-atomic':
        return [...edges, ...this.#fracturedReads().edges.edges];
      case 'causes':
        return this.#causesOf().edges.edges;
      case 'causal':
        return [
          ...edges.filter(({ type }) => type === ww),
          ...this.#causesOf().edges.edges,
          ...this.#causalDemands().edges.edges,
        ];
    }
  }

  #arrows(model: 'read-committed' | 'read-atomic' | 'causal' | 'causes'): Arrows {
    const isCausal = model === 'causal' || model === 'causes';
    const nodes = isCausal ? this.#causesOf().nodes : this.sources.live.length;
    const types = isCausal ? ~0 : committed | known;
    return plainArrows(this.#edges(model), nodes, types);
  }

  #circle(model: TransactionModel | 'causes'): Edge[] | null {
    switch (model) {
      case 'read-uncommitted':
        return null;
      case 'read-committed':
      case 'read-atomic':
        return this.#cycleIn(this.#arrows(model), this.#edges(model));
      case 'causes':
      case 'causal': {
        if (model === 'causal') {
          const first = this.#circle('causes');
          if (first !== null) return first;
        }
        const cycle = this.#cycleIn(this.#arrows(model), this.#edges(model));
        return cycle === null
          ? null
          : withoutStates(this.#withPaths(cycle), this.sources.live.length);
      }
      case 'snapshot-isolation': {
        const { edges } = this.dependencies;
        return this.#cycleIn(snapshotArrows(edges, this.sources.live.length, serial), edges);
      }
      case 'serializable':
        return this.#plainCycle(serial);
      case 'strict-serializable':
        return this.#cycleInTime();
    }
  }

  #withPaths(cycle: readonly Edge[]): Edge[] {
    return cycle.map((edge) => {
      const [reader] = edge.via;
      if (edge.type !== known || reader === undefined) return edge;
      return {
        ...edge,
        via: causalPath(this.#causesOf(), edge.from, reader, this.sources.live.length).reverse(),
      };
    });
  }

  #cycleIn(arrows: Arrows, edges: readonly Edge[]): Edge[] | null {
    const cycle = shortCycle(arrows, this.#watch);
    return cycle === null ? null : toEdges(cycle, edges);
  }

  #plainCycle(types: number): Edge[] | null {
    const { edges } = this.dependencies;
    return this.#cycleIn(plainArrows(edges, this.sources.live.length, types), edges);
  }

  #cycleInTime(): Edge[] | null {
    const { edges } = this.dependencies;
    const { live } = this.sources;
    // What was read tells more than in which order things were written.
    const found = [inTime & ~wwByTime, inTime].map((types) => {
      const cycle = this.#cycleIn(arrowsInTime(edges, live, types), edges);
      return cycle && shortenInTime(cycle, live);
    });
    return (
      [this.#plainCycle(serial | process), ...found]
        .filter((cycle) => cycle !== null)
        .sort((a, b) => a.length - b.length)[0] ?? null
    );
  }

  /** The graph of what is in order, for `orderBy`. */
  arrowsFor(model: 'snapshot-isolation' | 'serializable' | 'strict-serializable'): Arrows {
    const { edges } = this.dependencies;
    const { live } = this.sources;
    if (model === 'snapshot-isolation') return snapshotArrows(edges, live.length, serial);
    return model === 'serializable'
      ? plainArrows(edges, live.length, serial)
      : arrowsInTime(edges, live, inTime);
  }
}

/** All that take part, and those in doubt with one that saw them. */
export function operationsAgainst(against: Against, { shownBy }: Sources): number[] {
  const found = new Set<number>();
  const add = (by: number) => {
    if (by < 0 || found.has(by)) return;
    found.add(by);
    add(shownBy[by] as number);
  };
  switch (against.type) {
    case 'direct':
      against.anomaly.by.forEach(add);
      break;
    case 'circle':
      for (const { from, to, via } of against.edges) [from, to, ...via].forEach(add);
      break;
    case 'core':
      against.by.forEach(add);
  }
  return [...found];
}

/** Any order of the transactions that happened; `null` when there is a circle. */
function topological(arrows: Arrows, { live, happened }: Sources): number[] | null {
  const order: number[] = [];
  const keep = (node: number) => {
    if (node < live.length && happened[node] === 1) order.push(node);
  };
  return eachInOrder(arrows, (node) => node >= live.length, keep) === arrows.nodes ? order : null;
}
