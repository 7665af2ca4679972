import { expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { drawBroken } from './swarm.js';

it('breaks links both ways, from none to all', () => {
  const nodes = ['a', 'b', 'c', 'd'];
  const counts = Array.from({ length: 100 }, (_, seed) => {
    const broken = drawBroken(nodes, new SeededRandom(seed));
    for (const { from, to } of broken) expect(broken).toContainEqual({ from: to, to: from });
    return broken.length;
  });
  expect(Math.min(...counts)).toBe(0);
  expect(Math.max(...counts)).toBe(12);
});
