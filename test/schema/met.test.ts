/** Runs after all others: what of the schemas no document of theirs was like. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allMet } from './documents.js';
import { allPoints } from './points.js';

const root = join(import.meta.dirname, '../..');
/** Those whose commands print most of what there is. */
const sources = readdirSync(join(root, 'test/e2e'))
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `test/e2e/${file}`)
  .filter((file) => /'--json'|\.json\(\[/.test(readFileSync(join(root, file), 'utf8')));

const met = allMet();
const isWhole = sources.every((file) => met.has(`from ${file}`));

// Of some of the tests nothing follows.
test.skipIf(!isWhole)('each property, alternative and word of the schemas is met', () => {
  const missed = allPoints().filter((point) => !met.has(point));
  expect(missed.length).toBeLessThan(700);
});
