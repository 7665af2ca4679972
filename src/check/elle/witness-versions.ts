import { absent } from '../../history/history.js';
import { asList, isPrefix, isSame } from './access.js';
import type { SeenTransaction } from './transactions.js';

export interface Witness {
  /** Transactions as they commit; for snapshot isolation 2n where n takes its snapshot, 2n + 1 where it commits. */
  readonly order: readonly number[];
  /** Whose version of the key, of those that fit what was read; what was there at first is -1. */
  readonly sourceOf: (transaction: number, key: number) => number | undefined;
}

/**
 * The states of each key in an order of commits. Each read is of a state up to its transaction's parent, or of what the
 * transaction wrote itself; what it appended to is the parent itself.
 */
export class Versions {
  readonly #live: readonly SeenTransaction[];
  readonly #order: readonly number[];
  readonly #values = new Map<number, Set<number>>();
  readonly #lists = new Map<number, { readonly items: number[]; readonly lengths: Set<number> }>();

  constructor(live: readonly SeenTransaction[], { order }: Witness) {
    this.#live = live;
    this.#order = order;
  }

  areCommitted(): boolean {
    return this.#order.every((at) => {
      const { steps } = this.#live[at] as SeenTransaction;
      if (!this.#seesCommitted(steps)) return false;
      this.#commit(steps);
      return true;
    });
  }

  #seesCommitted(steps: SeenTransaction['steps']): boolean {
    const written = new Map<number, number>();
    const appended = new Map<number, number[]>();
    return steps.every(({ f, key, value }) => {
      if (f === 'w') written.set(key, value);
      else if (f === 'append') appended.set(key, [...(appended.get(key) ?? []), value]);
      else if (value !== null) {
        const own = written.get(key);
        if (own !== undefined) return isSame(own, value);
        return this.#wasThere(key, value, appended.get(key));
      }
      return true;
    });
  }

  #wasThere(key: number, seen: number | readonly number[], own: readonly number[] | undefined) {
    const { items, lengths } = this.#lists.get(key) ?? { items: [], lengths: new Set([0]) };
    if (own !== undefined) return isSame([...items, ...own], seen);
    if (typeof seen === 'number' && seen !== absent)
      return this.#values.get(key)?.has(seen) ?? false;
    if (typeof seen === 'number' && !this.#lists.has(key)) return true;
    const list = asList(seen);
    return lengths.has(list.length) && isPrefix(list, items);
  }

  #commit(steps: SeenTransaction['steps']): void {
    const last = new Map<number, number>();
    const appended = new Set<number>();
    for (const { f, key, value } of steps) {
      if (f === 'w') last.set(key, value);
      if (f !== 'append') continue;
      const list = this.#lists.get(key) ?? { items: [], lengths: new Set([0]) };
      list.items.push(value);
      this.#lists.set(key, list);
      appended.add(key);
    }
    for (const key of appended) {
      const list = this.#lists.get(key);
      list?.lengths.add(list.items.length);
    }
    for (const [key, value] of last) {
      const values = this.#values.get(key);
      if (values === undefined) this.#values.set(key, new Set([value]));
      else values.add(value);
    }
  }
}
