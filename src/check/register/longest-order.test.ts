import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { countedStages } from '../budget.js';
import { bruteForce } from './brute-force.js';
import { longestOrder } from './longest-order.js';
import type { RegisterOperations } from './operations.js';
import { anyShape } from './testing/judge.js';
import { busyClients, withStaleRead } from './testing/many-clients.js';
import { randomOperations } from './testing/random-operations.js';
import { cas, never, operationsOf, printed, read, write } from './testing/rows.js';
import { isLegalWitness, step } from './witness.js';

const longestOf = (operations: RegisterOperations) =>
  longestOrder(operations, countedStages(100_000, 1e9));

const isSure = ({ end }: RegisterOperations, at: number): boolean => Number.isFinite(end[at]);

const sureIn = (operations: RegisterOperations, order: Iterable<number>): number =>
  [...order].filter((at) => isSure(operations, at)).length;

/** The definition: operation after operation, none before all that ended before it began. Tries all there are. */
function longestByTrying(operations: RegisterOperations): number {
  const { count, start, end, initial } = operations;
  const tried = new Set<string>();
  let most = 0;
  const go = (taken: number, value: number, length: number): void => {
    most = Math.max(most, length);
    if (tried.has(`${taken} ${value}`)) return;
    tried.add(`${taken} ${value}`);
    for (let at = 0; at < count; at++) {
      if ((taken & (1 << at)) !== 0) continue;
      const isEarly = Array.from({ length: count }, (_, other) => other).some(
        (other) => (taken & (1 << other)) === 0 && (end[other] as number) < (start[at] as number),
      );
      const after = step(operations, at, value);
      if (isEarly || after === -1) continue;
      go(taken | (1 << at), after, length + (isSure(operations, at) ? 1 : 0));
    }
  };
  go(0, initial, 0);
  return most;
}

/** Real time and the register's rules, and nothing left out that must have come before. */
function isLegalPart(operations: RegisterOperations, order: Int32Array): boolean {
  const { start, end } = operations;
  let value = operations.initial;
  const isIn = new Set(order);
  if (isIn.size !== order.length) return false;
  return order.every((at, place) => {
    value = step(operations, at, value);
    const before = new Set(order.subarray(0, place));
    const isInTime = end.every(
      (other, at2) => before.has(at2) || at2 === at || other >= (start[at] as number),
    );
    return value !== -1 && isInTime;
  });
}

const busy = { operations: 2000, clients: 20, values: 0, reads: 0.5, cas: 0.1 };

describe('the longest legal order', () => {
  it('is as long as the longest of all, and legal', () => {
    const random = new SeededRandom(15);
    const seen = { whole: 0, partial: 0 };
    for (let run = 0; run < 300; run++) {
      const operations = randomOperations(random, { ...anyShape(random), operationsMax: 8 });
      const { order, stuckAt, doubt } = longestOf(operations);
      const told = printed(operations);
      expect(doubt, told).toBe(null);
      expect(isLegalPart(operations, order), told).toBe(true);
      expect(sureIn(operations, order), told).toBe(longestByTrying(operations));
      const isWhole = stuckAt === Number.POSITIVE_INFINITY;
      expect(isWhole, told).toBe(bruteForce(operations));
      seen[isWhole ? 'whole' : 'partial']++;
    }
    expect(Math.min(seen.whole, seen.partial)).toBeGreaterThan(50);
  });

  it('is whole where all is legal', () => {
    const operations = busyClients(new SeededRandom(1), busy);
    const { order, stuckAt } = longestOf(operations);
    expect(stuckAt).toBe(Number.POSITIVE_INFINITY);
    expect(isLegalWitness(operations, order)).toBe(true);
  });

  it('goes up to a stale read, whatever twenty clients do meanwhile', () => {
    const operations = withStaleRead(busyClients(new SeededRandom(1), busy));
    const { order, stuckAt, doubt } = longestOf(operations);
    const { start } = operations;
    const begun = start.filter((at, place) => at <= stuckAt && isSure(operations, place));
    expect(doubt).toBe(null);
    // All but the one, and what nineteen others may read of what was written later.
    expect(isLegalPart(operations, order)).toBe(true);
    expect(sureIn(operations, order)).toBeGreaterThan(begun.length - 20);
  });

  it('has what nobody answered only where somebody saw it', () => {
    const operations = operationsOf([write(1, 0, never), read(1, 2, 3), cas(2, 3, 4, 5)]);
    expect(longestOf(operations)).toEqual({ order: Int32Array.of(0, 1), stuckAt: 5, doubt: null });
  });

  it('says that there may be a longer one when its limit is reached', () => {
    const operations = busyClients(new SeededRandom(1), { ...busy, values: 3 });
    expect(longestOrder(operations, countedStages(0, 1e9)).doubt).toBe('work limit');
  });
});
