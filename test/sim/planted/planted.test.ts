import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planted, withPlant } from './planted.js';

const root = new URL('../../../', import.meta.url);

test.each(Object.entries(planted))('bugs to plant in mode %s fit the sources', (_, plants) => {
  expect(plants.length).toBeGreaterThanOrEqual(10);
  for (const plant of plants) {
    const text = readFileSync(new URL(plant.file, root), 'utf8');
    expect(withPlant(text, plant)).not.toBe(text);
  }
});
