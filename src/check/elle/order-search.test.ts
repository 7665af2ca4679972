import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import type { Step } from '../../history/history.js';
import { unlimited } from '../budget.js';
import { bruteForce } from '../register/brute-force.js';
import { type RegisterOperations, registerKinds } from '../register/operations.js';
import { anyShape } from '../register/testing/judge.js';
import { randomOperations } from '../register/testing/random-operations.js';
import { printed } from '../register/testing/rows.js';
import { Isolation } from './isolation.js';
import type { SeenTransaction } from './transactions.js';

/** Each operation on the one key is a transaction; values that repeat, and what nobody says the value of, among them. */
function transactionsOf(operations: RegisterOperations): SeenTransaction[] {
  const { count, kind, start, end } = operations;
  const live = Array.from({ length: count }, (_, at): SeenTransaction => {
    const [value, expected] = [operations.value[at] as number, operations.expected[at] as number];
    const read = (seen: number): Step => ({ f: 'r', key: 0, value: seen });
    const write: Step = { f: 'w', key: 0, value };
    const common = { at, session: at, start: start[at] as number, end: end[at] as number };
    switch (kind[at]) {
      case registerKinds.read:
        return { ...common, steps: [read(value)], unlike: [] };
      case registerKinds.write:
        return { ...common, steps: [write], unlike: [] };
      case registerKinds.cas:
        return { ...common, steps: [read(expected), write], unlike: [] };
      default:
        return { ...common, steps: [write], unlike: [{ key: 0, value: 0 }] };
    }
  });
  return live.sort((a, b) => a.start - b.start);
}

function verdictOf(operations: RegisterOperations, model: 'serializable' | 'strict-serializable') {
  const live = transactionsOf(operations);
  const isolation = new Isolation({ live, aborted: [], isVague: true }, new Set(), 100, unlimited);
  if (isolation.holds(model, 'quickly')) return 'holds';
  if (isolation.against(model) !== null) return 'violated';
  const { type } = isolation.decide(model, unlimited);
  return type === 'impossible' ? 'violated' : type;
}

test('operations on one key are judged as brute force judges them, with time and without', () => {
  const random = new SeededRandom(1);
  const counts = { holds: 0, violated: 0 };
  for (let at = 0; at < 800; at++) {
    const operations = randomOperations(random, { ...anyShape(random), initial: 0 });
    const { count, end } = operations;
    const timeless = {
      ...operations,
      start: new Float64Array(count),
      end: end.map((time) => Math.min(time, time === Number.POSITIVE_INFINITY ? time : 1)),
    };
    const truth = bruteForce(operations) ? 'holds' : 'violated';
    counts[truth]++;
    expect(verdictOf(operations, 'strict-serializable'), printed(operations)).toBe(truth);
    const without = bruteForce(timeless) ? 'holds' : 'violated';
    expect(verdictOf(operations, 'serializable'), printed(operations)).toBe(without);
  }
  expect(Math.min(counts.holds, counts.violated)).toBeGreaterThan(200);
});
