/** Against a model, from one way of saying who read from whom: what is wrong by itself, or a circle of dependencies. */

import { lazily } from '../../core/lookup.js';
import type { Budget, StepWatch } from '../budget.js';
import type { Arrows } from '../graph/arrows.js';
import { shortCycle } from '../graph/cycles.js';
import { eachInOrder } from '../graph/order.js';
import { type DirectAnomaly, type TransactionModel, weakerModels } from './anomaly.js';
import { CausalDemands, causalPath, causesOf, withoutStates } from './causality.js';
import { dependenciesOf } from './dependencies.js';
import {
  arrowsInTime,
  type Edge,
  type EdgeList,
  edgeTypes,
  plainArrows,
  shortenInTime,
  snapshotArrows,
  toEdges,
} from './graph.js';
import { fracturedReads, lostUpdates, SeenKeys } from './seen.js';
import type { Sources } from './sources.js';
import type { Witness } from './witness.js';
import type { OrderedModel } from './write-orders.js';

const { ww, wwAfterRead, wr, rw, process, known, wwByTime, rwByTime } = edgeTypes;
const committed = ww | wr;
const serial = committed | wwAfterRead | rw;
const inTime = serial | process | wwByTime | rwByTime;

/** Read uncommitted has a graph of its own: `uncommitted.ts`. */
type GraphModel = Exclude<TransactionModel, 'read-uncommitted'> | 'causes';

/** By model: which edges close the circles that it forbids. */
const typesOf: Readonly<Record<GraphModel, number>> = {
  'read-committed': committed,
  'read-atomic': committed | known,
  causes: ~0,
  causal: ~0,
  'snapshot-isolation': serial,
  serializable: serial,
  'strict-serializable': inTime,
};

interface Graph {
  readonly arrows: Arrows;
  /** Each arrow is one of them, or a step on in time. */
  readonly edges: readonly Edge[];
}

export type Against =
  | { readonly type: 'direct'; readonly anomaly: DirectAnomaly }
  | { readonly type: 'circle'; readonly edges: readonly Edge[] }
  | { readonly type: 'core'; readonly by: readonly number[] };

export class Refuter {
  readonly sources: Sources;
  readonly #watch: StepWatch;
  readonly #budget: Budget;
  readonly #dependencies = lazily(() => dependenciesOf(this.sources, this.#watch));
  readonly #fracturedReads = lazily(() => fracturedReads(this.sources, this.#watch));
  readonly #causes = lazily(() => causesOf(this.sources, this.dependencies));
  readonly #causalDemands = lazily(
    () => new CausalDemands(this.sources, this.#causes(), this.#watch, this.#budget),
  );

  constructor(sources: Sources, watch: StepWatch, budget: Budget) {
    this.sources = sources;
    this.#watch = watch;
    this.#budget = budget;
  }

  get dependencies(): EdgeList {
    return this.#dependencies();
  }

  /** `null`: nothing is found against the model. */
  against(model: Exclude<TransactionModel, 'read-uncommitted'>): Against | null {
    const forbidden = [model, ...weakerModels[model]];
    const isAgainst = ({ forbiddenBy }: DirectAnomaly) => forbidden.includes(forbiddenBy);
    const anomaly = this.#anomalies(model).find(isAgainst);
    if (anomaly !== undefined) return { type: 'direct', anomaly };
    const edges = this.#circle(model);
    return edges === null ? null : { type: 'circle', edges };
  }

  /** An order of commits, where nothing is against one. */
  witness(model: 'read-committed' | 'read-atomic' | 'causal'): Witness | null {
    const order = topological(this.#graph(model).arrows, this.sources);
    const keys = new SeenKeys(this.sources);
    const sourceOf = (by: number, key: number) =>
      keys.of(by).find((seen) => seen.key === key)?.source;
    return order === null ? null : { order, sourceOf };
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
    return { ...anomaly, by: [reader, writer, ...this.#causalPath(writer, reader).slice(1, -1)] };
  }

  #circle(model: GraphModel): Edge[] | null {
    if (model === 'strict-serializable') return this.#circleInTime();
    const isCausal = model === 'causal' || model === 'causes';
    const cycle =
      (model === 'causal' ? this.#circle('causes') : null) ?? this.#cycleIn(this.#graph(model));
    return isCausal && cycle !== null
      ? withoutStates(this.#withPaths(cycle), this.sources.live.length)
      : cycle;
  }

  /** The shortest. What was read tells more than in which order things were written. */
  #circleInTime(): Edge[] | null {
    const found = [this.#cycleIn(this.#graph('serializable', serial | process))];
    for (const types of [inTime & ~wwByTime, inTime]) {
      const cycle = this.#cycleIn(this.#graph('strict-serializable', types));
      found.push(cycle && shortenInTime(cycle, this.sources.live));
    }
    return found.filter((cycle) => cycle !== null).sort((a, b) => a.length - b.length)[0] ?? null;
  }

  #cycleIn({ arrows, edges }: Graph): Edge[] | null {
    const cycle = shortCycle(arrows, this.#watch);
    return cycle === null ? null : toEdges(cycle, edges);
  }

  #withPaths(cycle: readonly Edge[]): Edge[] {
    return cycle.map((edge) => {
      const [reader] = edge.via;
      if (edge.type !== known || reader === undefined) return edge;
      return { ...edge, via: this.#causalPath(edge.from, reader).reverse() };
    });
  }

  #causalPath(from: number, to: number): number[] {
    return causalPath(this.#causes(), from, to, this.sources.live.length);
  }

  /** The graph of what is in order, for `orderBy`. */
  arrowsFor(model: OrderedModel): Arrows {
    return this.#graph(model).arrows;
  }

  /** Who must come before whom: the edges of these types, and what else the model demands. */
  #graph(model: GraphModel, types = typesOf[model]): Graph {
    const { edges } = this.dependencies;
    const { live } = this.sources;
    switch (model) {
      case 'snapshot-isolation':
        return { edges, arrows: snapshotArrows(edges, live.length, types) };
      case 'strict-serializable':
        return { edges, arrows: arrowsInTime(edges, live, types) };
      case 'causes':
      case 'causal': {
        const { nodes, edges: causes } = this.#causes();
        const all = [...causes.edges];
        if (model === 'causal') {
          all.unshift(...edges.filter(({ type }) => type === ww));
          all.push(...this.#causalDemands().edges.edges);
        }
        return { edges: all, arrows: plainArrows(all, nodes, types) };
      }
      default: {
        const more = model === 'read-atomic' ? this.#fracturedReads().edges.edges : [];
        const all = more.length === 0 ? edges : [...edges, ...more];
        return { edges: all, arrows: plainArrows(all, live.length, types) };
      }
    }
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
