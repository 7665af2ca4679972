import { describe, expect, test } from 'vitest';
import { SeededRandom } from './random.js';

function draw(random: SeededRandom, times: number): number[] {
  return Array.from({ length: times }, () => random.uint32());
}

describe('SeededRandom', () => {
  test('the same seed gives the same numbers, for ever: seeds in reports must stay replayable', () => {
    expect(draw(new SeededRandom(42), 4)).toEqual(draw(new SeededRandom(42), 4));
    expect(draw(new SeededRandom(42), 4)).toMatchInlineSnapshot(`
      [
        3893884377,
        145076852,
        3246010591,
        4141225530,
      ]
    `);
  });

  test('seeds next to each other, and seeds above 32 bits, give other numbers', () => {
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((seed) =>
      new SeededRandom(seed).uint32(),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  test('below is uniform enough over its whole range', () => {
    const random = new SeededRandom(7);
    const counts = new Array<number>(10).fill(0);
    for (let drawn = 0; drawn < 100_000; drawn++) {
      const at = random.below(10);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('chance(0) never happens and chance(1) always does', () => {
    const random = new SeededRandom(3);
    for (let drawn = 0; drawn < 1000; drawn++) {
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
    }
  });

  test('drawing from a fork does not disturb its parent', () => {
    const parent = new SeededRandom(5);
    const twin = new SeededRandom(5);
    const fork = parent.fork();
    twin.fork();
    draw(fork, 100);
    expect(draw(parent, 3)).toEqual(draw(twin, 3));
  });
});
