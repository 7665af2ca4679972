/**
 * Read uncommitted: Adya's PL-1 forbids circles of writes and nothing else, so that anything may be read that somebody
 * wrote, were it what failed, or what was written over. Of single values that leaves no trace. A list shows an order of
 * appends: those of transactions that committed are in the order of these, the same for all lists. Any of them may be
 * missing, as what is not committed can be lost; but none is there twice.
 */
import type { Watch } from '../budget.js';
import { isPrefix } from './access.js';
import type { DirectAnomaly } from './anomaly.js';
import { toEdges } from './cycle-edges.js';
import { shortCycle } from './cycles.js';
import { type Edge, EdgeList, edgeTypes, plainArrows } from './graph.js';
import { eachInOrder } from './order.js';
import type { Transactions } from './transactions.js';
import type { Written } from './written.js';

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

export class UncommittedReads {
  readonly #transactions: Transactions;
  readonly #appends = new Map<number, Map<number, Append[]>>();
  readonly #lists: ListRead[] = [];
  readonly anomalies: DirectAnomaly[] = [];
  readonly edges = new EdgeList();
  readonly #ambiguous: ListRead[] = [];
  readonly #watch: Watch;

  constructor(transactions: Transactions, written: Written, watch: Watch) {
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
        const ofKey = this.#appends.get(key) ?? new Map<number, Append[]>();
        this.#appends.set(key, ofKey);
        const own = ofKey.get(value);
        if (own === undefined) ofKey.set(value, [{ by, step }]);
        else own.push({ by, step });
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
    this.#lists.push(...longest.values(), ...others);
    for (const { by, key, items } of this.#lists) {
      if (!items.every((value) => written.isWritten(key, value))) this.#phantom(by);
    }
  }

  #phantom(by: number): void {
    this.anomalies.push({
      ...{ name: 'phantom read', forbiddenBy: 'read-uncommitted', by: [by] },
      told: '{0} read what nobody wrote',
    });
  }

  #addOrder(list: ListRead): void {
    const { by: reader, key, items } = list;
    const counts = new Map<number, number>();
    let before: { readonly append: Append; readonly value: number } | null = null;
    let isAmbiguous = false;
    for (const value of items) {
      const appends = this.#appends.get(key)?.get(value) ?? [];
      const count = (counts.get(value) ?? 0) + 1;
      counts.set(value, count);
      if (count > Math.max(1, appends.length)) {
        this.anomalies.push({
          ...{ name: 'duplicate elements', forbiddenBy: 'read-uncommitted', by: [reader] },
          told: '{0} read a list in which a value is more often than it was appended',
        });
        return;
      }
      if (appends.length > 1) isAmbiguous = true;
      const [append] = appends;
      if (append === undefined || append.by < 0 || appends.length > 1) continue;
      if (before?.append.by === append.by && before.append.step > append.step) {
        this.anomalies.push({
          ...{ name: 'own appends out of order', forbiddenBy: 'read-uncommitted' },
          ...{ by: [...new Set([reader, append.by])] },
          told: '{0} read a list in which the appends of one transaction are not in its order',
        });
        return;
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

  /** An order of transactions that all lists agree with; `null` when there is none. */
  order(): number[] | null {
    return this.#orderWith(0, []);
  }

  /** Tries which appends the elements of one ambiguous list after the other are. */
  #orderWith(nth: number, pairs: readonly (readonly [number, number])[]): number[] | null {
    const order = this.#topological(pairs);
    const list = this.#ambiguous[nth];
    if (order === null || list === undefined) return order;
    for (const more of this.#matches(list, 0, [], null)) {
      const found = this.#orderWith(nth + 1, [...pairs, ...more]);
      if (found !== null) return found;
    }
    return null;
  }

  *#matches(
    list: ListRead,
    at: number,
    used: readonly Append[],
    last: Append | null,
  ): Generator<readonly (readonly [number, number])[]> {
    const value = list.items[at];
    if (value === undefined) {
      yield [];
      return;
    }
    const appends = this.#appends.get(list.key)?.get(value) ?? [];
    // What is not committed demands nothing; of one transaction's appends of a value the first is as good as any.
    const free = appends.filter(
      (append) =>
        !used.includes(append) &&
        (last?.by !== append.by || append.by < 0 || append.step > last.step),
    );
    const firsts = free.filter((append) => append === free.find(({ by }) => by === append.by));
    for (const append of firsts.sort((a, b) => a.by - b.by)) {
      this.#watch(64);
      const isCommitted = append.by >= 0;
      const pair: (readonly [number, number])[] =
        isCommitted && last !== null && last.by !== append.by ? [[last.by, append.by]] : [];
      const next = isCommitted ? append : last;
      for (const rest of this.#matches(list, at + 1, [...used, append], next)) {
        yield [...pair, ...rest];
      }
    }
  }

  #topological(pairs: readonly (readonly [number, number])[]): number[] | null {
    this.#watch(this.edges.edges.length + pairs.length + 64);
    const all = new EdgeList();
    all.edges.push(...this.edges.edges);
    const why = { key: -1, before: -1, after: -1 };
    for (const [from, to] of pairs) all.add(edgeTypes.shown, from, to, why);
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
  isWitness(order: readonly number[]): boolean {
    const places = new Map(order.map((by, place) => [by, place]));
    return this.#lists.every((list) => this.#fits(list, 0, new Set(), [-1, -1], places));
  }

  #fits(
    list: ListRead,
    at: number,
    used: ReadonlySet<Append>,
    last: readonly [number, number],
    places: ReadonlyMap<number, number>,
  ): boolean {
    let [place, step] = last;
    const taken = new Set(used);
    for (let next = at; next < list.items.length; next++) {
      const appends = this.#appends.get(list.key)?.get(list.items[next] as number) ?? [];
      const free = appends.filter((append) => !taken.has(append));
      const lost = free.find(({ by }) => by < 0);
      // Later ones can still be of use later.
      const first = free
        .map((append) => ({ append, place: places.get(append.by) ?? -1 }))
        .filter((one) => one.place > place || (one.place === place && one.append.step > step))
        .filter(({ append }) => append.by >= 0)
        .sort((a, b) => a.place - b.place || a.append.step - b.append.step)[0];
      this.#watch(appends.length);
      if (lost !== undefined) {
        if (first === undefined) {
          taken.add(lost);
          continue;
        }
        if (this.#fits(list, next + 1, new Set([...taken, lost]), [place, step], places))
          return true;
      }
      if (first === undefined) return false;
      taken.add(first.append);
      [place, step] = [first.place, first.append.step];
    }
    return true;
  }
}
