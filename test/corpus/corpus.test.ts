import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOfTransactions } from '../../src/check/elle/anomaly.js';
import { check, modelNames, models, readHistory } from '../../src/check/index.js';
import { isOfObject, objects } from '../../src/check/objects/objects.js';
import { examples } from './corpus.js';

const all = examples();

describe('the corpus', () => {
  it('is large, and says why of every model', () => {
    expect(all.length).toBeGreaterThanOrEqual(25);
    for (const { name, verdicts } of all) {
      const judged = verdicts.map(([model]) => model);
      const hasTransactions = judged.some((model) => models[model].ofTransactions);
      const ofKeys = modelNames.filter((model) => !isOfObject(model));
      const object = Object.values(objects).find((each) => `${each.models}` === `${judged}`);
      const expected =
        object?.models ??
        ofKeys.filter((model) =>
          hasTransactions ? isOfTransactions(model) : !models[model].ofTransactions,
        );
      expect(judged, name).toEqual(expected);
      for (const [model, , why] of verdicts) expect(why, `${name}: ${model}`).not.toBe('');
    }
  });

  it('is linked from the documentation, every example of it', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/checking.md'), 'utf8');
    for (const { name } of all) expect(page).toContain(`../test/corpus/${name}.md`);
  });

  it.each(all)('$name', async ({ file, verdicts }) => {
    const report = await check(await readHistory(file));
    const found = report.models.map(({ model, verdict }) => [model, verdict]);
    expect(found).toEqual(verdicts.map(([model, verdict]) => [model, verdict]));
  });

  it.each(all)('$name, one model at a time, says the same', async ({ file, verdicts }) => {
    const history = await readHistory(file);
    for (const [model, verdict] of verdicts) {
      const report = await check(history, { models: [model] });
      expect([model, report.models.map((judged) => judged.verdict)]).toEqual([model, [verdict]]);
    }
  });
});
