/**
 * How long one model takes to be judged on histories of 300 operations, as the simulator has them; a round is 200 of
 * them, of 2 to 8 clients and 1 to 8 keys. Not part of the tests:
 *
 *     npx vitest bench --run test/bench/judge.bench.ts
 */
import { bench, describe } from 'vitest';
import { judgeModels, type ModelName } from '../../src/check/index.js';
import { type RecordedShape, recordedHistory } from '../../src/check/testing/recorded.js';
import { SeededRandom } from '../../src/core/random.js';

const ofKeys: readonly ModelName[] = [
  ...(['linearizable', 'regular', 'causal', 'eventual'] as const),
  ...(['read-your-writes', 'monotonic-reads', 'writes-follow-reads'] as const),
];

function histories(shape: Pick<RecordedShape, 'transactions' | 'stale'>) {
  return Array.from({ length: 200 }, (_, seed) => {
    const random = new SeededRandom(seed + 1);
    const [clients, keys] = [2 + random.below(7), 1 + random.below(8)];
    return recordedHistory(random, { operations: 300, clients, keys, silent: 0.05, ...shape });
  });
}

describe.each([0, 0.02])('200 histories of which %f of the reads are stale', (stale) => {
  const single = histories({ transactions: 0, stale });
  const transactions = histories({ transactions: 0.4, stale });
  const options = { iterations: 3, time: 0, warmupIterations: 1, warmupTime: 0 };
  const judge = (all: typeof single, model: ModelName) => {
    for (const history of all) judgeModels(history, [model]);
  };
  for (const model of ofKeys) bench(model, () => judge(single, model), options);
  bench(
    'strict-serializable, transactions',
    () => judge(transactions, 'strict-serializable'),
    options,
  );
});
