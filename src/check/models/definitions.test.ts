/** Quick checkers against the definitions of the models, on small histories at random. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { check } from '../check.js';
import { consequencesOf, type ModelName, modelNames } from '../models.js';
import { isCausal, isRegular, isSequential, versionsOld } from '../testing/definitions.js';
import { type RandomOptions, randomRows } from '../testing/random-rows.js';
import { historyOf, type Row } from '../testing/rows.js';

const runs = 150;

const worlds: readonly [string, RandomOptions][] = [
  ['one key', { operationsMax: 8, keys: ['x'], deletes: false, replacements: false }],
  ['two keys', { operationsMax: 9, keys: ['x', 'y'], deletes: false, replacements: false }],
  ['replacements', { operationsMax: 8, keys: ['x'], deletes: false, replacements: true }],
  ['deletes', { operationsMax: 7, keys: ['x'], deletes: true, replacements: true }],
];

async function verdictOf(rows: readonly Row[], model: ModelName) {
  const report = await check(historyOf(rows), { models: [model], quietMs: 0.00001 });
  return report.models[0]?.verdict;
}

const definitions: readonly [ModelName, (rows: readonly Row[]) => boolean][] = [
  ['sequential', isSequential],
  ['causal', isCausal],
  ['regular', isRegular],
];

describe.each(worlds)('%s', (name, options) => {
  it.each(definitions)('%s is what its definition says', async (model, isKept) => {
    const random = new SeededRandom(name.length * 1000 + model.length);
    const seen = { holds: 0, violated: 0, unknown: 0 };
    for (let run = 0; run < runs; run++) {
      const rows = randomRows(random, options);
      const verdict = await verdictOf(rows, model);
      if (verdict === undefined) throw new Error('no verdict');
      seen[verdict] += 1;
      if (verdict === 'unknown') continue;
      const expected = isKept(rows) ? 'holds' : 'violated';
      if (verdict !== expected) expect([verdict, rows]).toEqual([expected, rows]);
    }
    // Both happen, and only what absence came from may stay open.
    expect(seen.holds).toBeGreaterThan(runs / 20);
    expect(seen.violated).toBeGreaterThan(runs / 20);
    expect(seen.unknown).toBeLessThanOrEqual(options.deletes ? runs / 5 : 0);
  });

  it('what follows from a model holds when it does', async () => {
    const random = new SeededRandom(name.length);
    for (let run = 0; run < runs / 3; run++) {
      const rows = randomRows(random, options);
      const verdicts = new Map<ModelName, string | undefined>();
      for (const model of modelNames) verdicts.set(model, await verdictOf(rows, model));
      const traits = { hasTransactions: false, hasReplacements: options.replacements };
      for (const [model, verdict] of verdicts) {
        if (verdict !== 'holds') continue;
        for (const weaker of consequencesOf(model, traits)) {
          const isKept = verdicts.get(weaker) !== 'violated';
          expect(isKept, `${model}, not ${weaker}: ${JSON.stringify(rows)}`).toBe(true);
        }
      }
    }
  });

  it('counts how many versions old a read is', async () => {
    const random = new SeededRandom(name.length + 7);
    for (let run = 0; run < runs; run++) {
      const rows = randomRows(random, options);
      const { staleness } = await check(historyOf(rows), { models: ['linearizable'] });
      const [versions, expected] = [staleness?.versions.max ?? 0, versionsOld(rows)];
      if (versions !== expected) expect([versions, rows]).toEqual([expected, rows]);
    }
  });
});
