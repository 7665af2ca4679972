import { absent, type Step } from '../../history/history.js';
import { hashNumber } from './hash.js';
import type { Model } from './model.js';

/** By key: a value, or the list that was appended to. Keys that were never written are not in it. */
export type Database = ReadonlyMap<number, number | readonly number[]>;

/**
 * Transactions on several keys, each with all its steps at once. Good for a few dozen that overlap; many need the search
 * for cycles. A read whose value is null may have seen anything.
 */
export const transactionsModel: Model<Database, readonly Step[]> = {
  initial: new Map(),
  step(database, steps) {
    const after = run(database, steps);
    return after === null ? [false, database] : [true, after];
  },
  equal(a, b) {
    const keys = new Set([...a.keys(), ...b.keys()]);
    return [...keys].every((key) => isSame(a.get(key) ?? absent, b.get(key) ?? absent));
  },
  hash(database) {
    let hash = 0;
    for (const [key, held] of database) {
      let own = hashNumber(key, 0x811c9dc5);
      const items = typeof held === 'number' ? (held === absent ? [] : [held]) : held;
      // Absence and an empty list are one state, and keys count in no order.
      if (items.length === 0) continue;
      for (const item of items) own = hashNumber(item, own);
      hash ^= own;
    }
    return hash;
  },
  bytes: (database) => 100 * database.size,
};

/** What the database holds after these steps; `null` when one of them does not find what it read. */
export function run(database: Database, steps: readonly Step[]): Database | null {
  const after = new Map(database);
  for (const { f, key, value } of steps) {
    const held = after.get(key) ?? absent;
    if (f === 'w') after.set(key, value);
    else if (f === 'append') after.set(key, [...(typeof held === 'number' ? [] : held), value]);
    else if (value !== null && !isSame(held, value)) return null;
  }
  return after;
}

/** An empty list is what was never appended to. */
function isSame(a: number | readonly number[], b: number | readonly number[]): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const [left, right] = [asList(a), asList(b)];
  return left.length === right.length && left.every((item, at) => item === right[at]);
}

function asList(held: number | readonly number[]): readonly number[] {
  if (typeof held !== 'number') return held;
  return held === absent ? [] : [held];
}
