import { readFileSync } from 'node:fs';
import { parseSync } from 'rolldown/utils';
import { expect, test } from 'vitest';
import { planted, withPlant } from './planted.js';

const root = new URL('../../../', import.meta.url);

test.each(Object.entries(planted))('bugs to plant in mode %s fit the sources', (_, plants) => {
  expect(plants.length).toBeGreaterThanOrEqual(10);
  for (const plant of plants) {
    const text = readFileSync(new URL(plant.file, root), 'utf8');
    const now = withPlant(text, plant);
    expect(now).not.toBe(text);
    // Also that a class has the private field which the bug takes it to have.
    const { errors } = parseSync(plant.file, now, { showSemanticErrors: true });
    expect(errors, plant.name).toEqual([]);
  }
});
