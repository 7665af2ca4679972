/**
 * `KVX_SEEDS` histories of transactions (1,000,000 when it does not say), judged by all isolation levels, beside what
 * their definitions say, from seed `KVX_SEED` on.
 */
import { expect, it } from 'vitest';
import { unlimited } from '../../src/check/budget.js';
import { compareMany } from '../../src/check/elle/testing/compare.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const histories = Number(process.env['KVX_SEEDS'] ?? 1_000_000);
const perSeed = 1000;

it(`judges ${histories} random histories as the definitions do`, () => {
  const sums = new Map<string, { holds: number; violated: number; unknown: number }>();
  for (let done = 0; done < histories; done += perSeed) {
    const some = compareMany(
      first + done / perSeed,
      Math.min(perSeed, histories - done),
      () => unlimited,
    );
    for (const [model, counts] of some) {
      const sum = sums.get(model) ?? { holds: 0, violated: 0, unknown: 0 };
      sums.set(model, sum);
      for (const type of ['holds', 'violated', 'unknown'] as const) sum[type] += counts[type];
    }
  }
  for (const [model, sum] of sums) console.log(`${model}: ${JSON.stringify(sum)}`);
  for (const { unknown } of sums.values()) expect(unknown).toBeLessThan(histories / 100);
});
