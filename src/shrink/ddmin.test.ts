import { expect, it } from 'vitest';
import { ddmin } from './ddmin.js';

const items = Array.from({ length: 100 }, (_, at) => at);

it('leaves what fails together, and nothing else, wherever it stands', async () => {
  for (const needed of [[], [0], [99], [3, 4], [0, 50, 99], [7, 21, 22, 80, 81]]) {
    let runs = 0;
    const kept = await ddmin(items, async (some) => {
      runs++;
      return needed.every((each) => some.includes(each));
    });
    expect(kept).toEqual(needed);
    expect(runs).toBeLessThan(250);
  }
});

it('asks of no part twice in a row what cannot be left out', async () => {
  const asked: string[] = [];
  await ddmin([1, 2, 3], async (some) => {
    asked.push(some.join());
    return false;
  });
  expect(asked).toEqual(['1,2', '3', '1,2', '1,3', '2,3']);
});
