import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { check, judgeModels } from './check.js';
import { consequencesOf, type ModelName, modelNames } from './models.js';
import { recordedHistory } from './testing/recorded.js';

const shape = { operations: 60, clients: 4, keys: 2, transactions: 0, silent: 0.05 };
const drawn = (seed: number, changes: object = {}) =>
  recordedHistory(new SeededRandom(seed), { ...shape, stale: 0, ...changes });

describe('judging one model of a history in memory', () => {
  it.each<[ModelName, object]>([
    ['linearizable', {}],
    ['regular', {}],
    ['read-your-writes', {}],
    ['eventual', {}],
    ['strict-serializable', { transactions: 0.4 }],
  ])('%s: as check() judges it, and with the same evidence', async (model, changes) => {
    const verdicts = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) {
      const history = drawn(seed, { ...changes, stale: seed % 2 === 0 ? 0.1 : 0 });
      const [quick] = judgeModels(history, [model]);
      const { models } = await check(history, { models: [model] });
      expect(quick).toEqual(models[0]);
      verdicts.add(quick?.verdict ?? '');
      if (quick?.verdict === 'violated')
        expect(quick.evidence?.operations.length).toBeGreaterThan(0);
    }
    expect(verdicts).toContain('holds');
    if (model !== 'eventual') expect(verdicts).toContain('violated');
  });

  it('what is linearizable is never found to violate anything weaker', () => {
    const weaker = modelNames.filter((model) =>
      consequencesOf('linearizable', { hasTransactions: false, hasReplacements: true }).has(model),
    );
    for (let seed = 1; seed <= 60; seed++) {
      const history = drawn(seed, { operations: 120, silent: 0.15 });
      const reports = judgeModels(history, ['linearizable']);
      // Each by itself: together they would follow from the first.
      for (const model of weaker) reports.push(...judgeModels(history, [model]));
      expect(reports.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    }
  });

  it('what is not decided within its questions is unknown, and says so', () => {
    const [report] = judgeModels(drawn(1), ['regular'], { questionsMax: 0 });
    expect(report).toMatchObject({ verdict: 'unknown', reason: 'work limit' });
  });
});
