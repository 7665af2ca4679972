import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { drawBroken, partsOf } from './parts.js';

const cut = (from: string, to: string) => ({ from, to });

describe('connected parts', () => {
  it('are one when nothing is broken', () => {
    expect(partsOf(['a', 'b', 'c'], [])).toEqual([['a', 'b', 'c']]);
  });

  it('reach over chains', () => {
    // a - c - b, d alone
    const broken = [cut('a', 'b'), cut('a', 'd'), cut('b', 'd'), cut('c', 'd')];
    expect(partsOf(['a', 'b', 'c', 'd'], broken)).toEqual([['a', 'c', 'b'], ['d']]);
  });

  it('do not hang on a link that is broken one way', () => {
    expect(partsOf(['a', 'b'], [cut('b', 'a')])).toEqual([['a'], ['b']]);
  });
});

it('breaks links both ways, from none to all', () => {
  const nodes = ['a', 'b', 'c', 'd'];
  const counts = Array.from({ length: 100 }, (_, seed) => {
    const broken = drawBroken(nodes, new SeededRandom(seed));
    for (const { from, to } of broken) expect(broken).toContainEqual(cut(to, from));
    return broken.length;
  });
  expect(Math.min(...counts)).toBe(0);
  expect(Math.max(...counts)).toBe(12);
});
