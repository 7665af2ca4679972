/**
 * Read uncommitted: Adya's PL-1 forbids circles of writes and nothing else, so that anything may be read that somebody
 * wrote, were it what failed, or what was written over. Of single values that leaves no trace. A list shows an order of
 * appends: those of transactions that committed are in the order of these, the same for all lists. Any of them may be
 * missing, as what is not committed can be lost; but none is there twice.
 */

import { entryOf, pushTo } from '../../core/lookup.js';
import type { StepWatch } from '../budget.js';
import { shortCycle } from '../graph/cycles.js';
import { eachInOrder } from '../graph/order.js';
import { isPrefix, type Written } from './access.js';
import { type DirectAnomaly, directAnomaly } from './anomaly.js';
import { type Edge, EdgeList, edgeTypes, plainArrows, toEdges } from './graph.js';
import type { SeenTransactions } from './transactions.js';

interface Append {
  /** An index into the live transactions; -1 for what did not commit, or need not have. */
  readonly by: number;
  /** Its place among all that its transaction does. */
  readonly step: number;
}

interface ListRead {
  readonly by: number;
  readonly key: number;
  readonly items: readonly number[];
}

/** Of an ambiguous list; `at`: its place in it. */
interface Element {
  readonly key: number;
  readonly value: number;
  readonly at: number;
  readonly isLast: boolean;
}

/** An order of transactions that all lists agree with. */
interface UncommittedOrder {
  readonly order: readonly number[];
  /** Of the elements of ambiguous lists, one list after the other: which append each is. */
  readonly taken: readonly Append[];
}

export class UncommittedReads {
  readonly #transactions: SeenTransactions;
  readonly #appends = new Map<number, Map<number, Append[]>>();
  readonly #lists: ListRead[] = [];
  readonly anomalies: DirectAnomaly[] = [];
  readonly edges = new EdgeList();
  readonly #ambiguous: ListRead[] = [];
  readonly #watch: StepWatch;

  constructor(transactions: SeenTransactions, written: Written, watch: StepWatch) {
    this.#transactions = transactions;
    this.#watch = watch;
    this.#addAppends();
    this.#addReads(written);
    for (const list of this.#lists) this.#addOrder(list);
  }

  #addAppends(): void {
    const { live, aborted } = this.#transactions;
    const add = (steps: (typeof live)[number]['steps'], by: number) =>
      steps.forEach(({ f, key, value }, step) => {
        if (f !== 'append') return;
        pushTo(
          entryOf(this.#appends, key, () => new Map<number, Append[]>()),
          value,
          { by, step },
        );
      });
    live.forEach(({ steps, end }, by) => {
      add(steps, end === Number.POSITIVE_INFINITY ? -1 : by);
    });
    for (const { steps } of aborted) add(steps, -1);
  }

  /** Lists that others continue tell no more than those. */
  #addReads(written: Written): void {
    const longest = new Map<number, ListRead>();
    const others: ListRead[] = [];
    this.#transactions.live.forEach(({ steps, end }, by) => {
      if (end === Number.POSITIVE_INFINITY) return;
      for (const { f, key, value } of steps) {
        if (f !== 'r' || value === null) continue;
        if (typeof value === 'number') {
          if (!written.isWritten(key, value)) this.#phantom(by);
          continue;
        }
        this.#watch(value.length);
        const list = { by, key, items: value };
        const known = longest.get(key);
        if (known === undefined) longest.set(key, list);
        else if (isPrefix(known.items, value)) longest.set(key, list);
        else if (!isPrefix(value, known.items)) others.push(list);
      }
    });
    for (const list of [...longest.values(), ...others]) this.#lists.push(list);
    for (const { by, key, items } of this.#lists) {
      if (!items.every((value) => written.isWritten(key, value))) this.#phantom(by);
    }
  }

  #phantom(by: number): void {
    this.#forbid('phantom read', [by], '{0} read what nobody wrote');
  }

  #forbid(name: string, by: readonly number[], told: string): void {
    this.anomalies.push(directAnomaly(name, 'read-uncommitted', by, told));
  }

  #addOrder(list: ListRead): void {
    const { by: reader, key, items } = list;
    const counts = new Map<number, number>();
    let before: { readonly append: Append; readonly value: number } | null = null;
    let isAmbiguous = false;
    for (const value of items) {
      const appends = this.#appendsOf(key, value);
      const count = (counts.get(value) ?? 0) + 1;
      counts.set(value, count);
      if (count > Math.max(1, appends.length)) {
        const told = '{0} read a list in which a value is more often than it was appended';
        return this.#forbid('duplicate elements', [reader], told);
      }
      if (appends.length > 1) isAmbiguous = true;
      const [append] = appends;
      if (append === undefined || append.by < 0 || appends.length > 1) continue;
      if (before?.append.by === append.by && before.append.step > append.step) {
        const told = '{0} read a list in which the appends of one transaction are not in its order';
        const by = [...new Set([reader, append.by])];
        return this.#forbid('own appends out of order', by, told);
      }
      const why = { key, before: before?.value ?? -1, after: value };
      this.edges.add(edgeTypes.shown, before?.append.by, append.by, why, [reader]);
      before = { append, value };
    }
    if (isAmbiguous) this.#ambiguous.push(list);
  }

  circle(): Edge[] | null {
    const { edges } = this.edges;
    const arrows = plainArrows(edges, this.#transactions.live.length, edgeTypes.shown);
    const cycle = shortCycle(arrows, this.#watch);
    return cycle === null ? null : toEdges(cycle, edges);
  }

  /**
   * An order of transactions that all lists agree with; `null` when there is none. Which append each element of an
   * ambiguous list is, is tried, one element after the other.
   */
  order(): UncommittedOrder | null {
    const elements = this.#ambiguous.flatMap(({ key, items }) =>
      items.map((value, at): Element => ({ key, value, at, isLast: at === items.length - 1 })),
    );
    const taken: Append[] = [];
    /** Of each element so far what else it can be, and of the next. */
    const ways: Append[][] = [];
    for (;;) {
      const isWhole = elements[taken.length - 1]?.isLast ?? true;
      const order = isWhole ? this.#topological(elements, taken) : [];
      const element = elements[taken.length];
      if (order !== null && element === undefined) return { order, taken };
      if (order !== null && element !== undefined) ways.push(this.#appendsFor(element, taken));
      for (let isOn = false; !isOn; ) {
        const append = ways.at(-1)?.shift();
        taken.length = Math.max(0, ways.length - 1);
        if (append !== undefined) isOn = taken.push(append) > 0;
        else if (ways.pop() === undefined) return null;
      }
    }
  }

  /** What is not committed demands nothing; of one transaction's appends of a value the first is as good as any. */
  #appendsFor({ key, value, at }: Element, taken: readonly Append[]): Append[] {
    const appends = this.#appendsOf(key, value);
    this.#watch(64 + appends.length + at);
    const before = taken.slice(taken.length - at);
    const last = before.findLast(({ by }) => by >= 0);
    const firsts = new Map<number, Append>();
    for (const append of appends) {
      const { by, step } = append;
      const isInOrder = by < 0 || last?.by !== by || step > last.step;
      if (isInOrder && !before.includes(append) && !firsts.has(by)) firsts.set(by, append);
    }
    return [...firsts.values()].sort((a, b) => a.by - b.by);
  }

  #topological(elements: readonly Element[], taken: readonly Append[]): number[] | null {
    this.#watch(this.edges.edges.length + taken.length + 64);
    const all = new EdgeList();
    for (const edge of this.edges.edges) all.edges.push(edge);
    let last: number | undefined;
    taken.forEach(({ by }, nth) => {
      if (elements[nth]?.at === 0) last = undefined;
      if (by < 0) return;
      all.add(edgeTypes.shown, last, by);
      last = by;
    });
    const { live } = this.#transactions;
    const arrows = plainArrows(all.edges, live.length, edgeTypes.shown);
    const order: number[] = [];
    const visited = eachInOrder(
      arrows,
      () => false,
      (node) => order.push(node),
    );
    return visited === live.length ? order : null;
  }

  /** Replays an order: in each list every element is an append of its own, those of the committed in this order. */
  isWitness({ order, taken }: UncommittedOrder): boolean {
    const places = new Map(order.map((by, place) => [by, place]));
    let next = 0;
    return this.#lists.every((list) => {
      const isAmbiguous = this.#ambiguous.includes(list);
      const own = list.items.map((value) => {
        const appends = this.#appendsOf(list.key, value);
        const append = isAmbiguous ? taken[next++] : appends[0];
        return append !== undefined && appends.includes(append) ? append : undefined;
      });
      this.#watch(own.length);
      let [place, step] = [-1, -1];
      const isEachItsOwn = new Set(own).size === own.length;
      return own.every((append) => {
        if (append === undefined || !isEachItsOwn) return false;
        if (append.by < 0) return true;
        const before = { place, step };
        [place, step] = [places.get(append.by) ?? -1, append.step];
        return place > before.place || (place === before.place && step > before.step);
      });
    });
  }

  #appendsOf(key: number, value: number): readonly Append[] {
    return this.#appends.get(key)?.get(value) ?? [];
  }
}
