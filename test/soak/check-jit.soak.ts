/** `KVX_SEEDS` histories (1,000,000 when it does not say) for engine 2, judged by brute force, from seed `KVX_SEED` on. */
import { expect, it } from 'vitest';
import { unlimited } from '../../src/check/budget.js';
import { jit, judgeMany } from '../../src/check/register/testing/judge.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const histories = Number(process.env['KVX_SEEDS'] ?? 1_000_000);
const perSeed = 1000;

it(`judges ${histories} random histories as brute force does`, () => {
  const counts = { holds: 0, violated: 0, unknown: 0 };
  for (let done = 0; done < histories; done += perSeed) {
    const some = judgeMany(
      (operations) => jit(operations, unlimited),
      first + done / perSeed,
      perSeed,
    );
    for (const type of ['holds', 'violated', 'unknown'] as const) counts[type] += some[type];
  }
  console.log(`jit: ${JSON.stringify(counts)}`);
  expect(counts.unknown).toBe(0);
});
