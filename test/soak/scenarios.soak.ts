/** Every scenario under many seeds: `KVX_SEEDS` says how many (200 when it does not), `KVX_SEED` where to begin. */
import { describe, test } from 'vitest';
import { demandHolds, scenariosOn } from '../e2e/scenario-files.js';
import { range } from '../sim/runs.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 200) - 1;

describe(`scenarios, seeds ${first} to ${last}`, () => {
  test.each(scenariosOn('sim'))('$name', async ({ name, text }) => {
    for (const seed of range(first, last)) await demandHolds(text, name, seed);
  });
});
