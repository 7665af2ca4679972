/** A history of transactions as a polygraph: see there. */

import { pushTo } from '../../core/lookup.js';
import { askBudget, type Budget } from '../budget.js';
import { atFirst } from './access.js';
import { immediatelyBefore, registersOf } from './dependencies.js';
import { type Edge, type EdgeList, edgeTypes } from './graph.js';
import {
  choiceBytes,
  type EitherOr,
  polygraphBytes,
  type Solution,
  solve,
  tooLarge,
} from './polygraph.js';
import { type Sources, undecided } from './sources.js';

const { ww, wwAfterRead, wr, rw } = edgeTypes;

export type OrderedModel = 'snapshot-isolation' | 'serializable' | 'strict-serializable';

/** Looks for an order of all writes of all keys; its events are those of `orderBy`, and what did not happen, anywhere. */
export function orderWrites(
  model: OrderedModel,
  sources: Sources,
  dependencies: EdgeList,
  budget: Budget,
): Solution {
  const events = new EventsOf(model === 'snapshot-isolation');
  const count = sources.live.length;
  const nodes = events.halves ? 2 * count : count;
  const why = budget.spent(polygraphBytes(nodes)) ?? tooLarge(nodes);
  if (why !== null) return { type: 'unknown', why };
  const edges: number[] = [];
  if (events.halves) for (let at = 0; at < count; at++) edges.push(2 * at, 2 * at + 1);
  for (const edge of dependencies.edges) {
    if ((edge.type & (ww | wwAfterRead | wr | rw)) !== 0) edges.push(...events.pair(edge));
  }
  if (model === 'strict-serializable') {
    const all = sources.live.flatMap((_, at) => (sources.happened[at] === 1 ? [at] : []));
    for (const [before, after] of immediatelyBefore(all, sources.live)) edges.push(before, after);
  }
  addPairsWithFirst(sources, events, edges);
  const known = polygraphBytes(nodes) + 8 * edges.length;
  return solve(nodes, edges, choicesOf(sources, events, budget, known), budget);
}

/** Who read what was there at first, or the longest list, came before whoever wrote it, or appended to it, later. */
function addPairsWithFirst(sources: Sources, events: EventsOf, edges: number[]): void {
  const add = (reader: number, writer: number) => {
    if (reader !== writer) edges.push(events.snapshot(reader), events.commit(writer));
  };
  for (const { reads, writes } of registersOf(sources).values()) {
    for (const { by, source } of reads) {
      if (source === atFirst) for (const write of writes) add(by, write.by);
    }
  }
  for (const [key, { order, unseen }] of sources.chains) {
    for (const { by, blocks } of sources.lists.get(key) ?? []) {
      if (blocks === order.length) for (const other of unseen) add(by, other.by);
    }
  }
}

class EventsOf {
  readonly halves: boolean;

  constructor(halves: boolean) {
    this.halves = halves;
  }

  snapshot = (at: number): number => (this.halves ? 2 * at : at);
  commit = (at: number): number => (this.halves ? 2 * at + 1 : at);

  pair({ type, from, to }: Edge): readonly number[] {
    if ((type & rw) !== 0) return [this.snapshot(from), this.commit(to)];
    return [this.commit(from), this.snapshot(to)];
  }
}

/** Of each two writers of a value, one came first, and whoever read what it wrote came before the other one's commit. */
function choicesOf(sources: Sources, events: EventsOf, budget: Budget, known: number): EitherOr[] {
  const choices: EitherOr[] = [];
  let bytes = known;
  const add = (a: number, b: number, readers: ReadonlyMap<number, readonly number[]>) => {
    const side = (before: number, after: number) => {
      const pairs = [events.commit(before), events.snapshot(after)];
      for (const by of readers.get(before) ?? []) {
        if (by !== after) pairs.push(events.snapshot(by), events.commit(after));
      }
      return pairs;
    };
    const choice = { either: side(a, b), or: side(b, a) };
    bytes += choiceBytes(choice);
    choices.push(choice);
    if (choices.length % 1024 === 0) askBudget(budget, bytes);
  };
  for (const { reads, writes } of registersOf(sources).values()) {
    const readers = new Map<number, number[]>();
    for (const { by, source } of reads) {
      if (source === undecided || source === atFirst) continue;
      pushTo(readers, source, by);
    }
    eachPair(
      writes.map(({ by }) => by),
      (a, b) => add(a, b, readers),
    );
  }
  // Appends that nobody read come after those that somebody did; alone they are in order anyhow.
  if (events.halves) {
    for (const { unseen } of sources.chains.values()) {
      eachPair(
        unseen.map(({ by }) => by),
        (a, b) => add(a, b, new Map()),
      );
    }
  }
  return choices;
}

function eachPair(items: readonly number[], visit: (a: number, b: number) => void): void {
  items.forEach((a, at) => {
    for (const b of items.slice(at + 1)) visit(a, b);
  });
}
