import { expect, test } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { MinHeap, sortByKey } from './sort.js';

const random = new SeededRandom(1);
const count = 1000;
/** Keys that are out of place by about so much, many of them equal. */
const keysWithin = (spread: number) =>
  Float64Array.from({ length: count }, (_, id) => id + random.below(spread));

test.each([1, 5, 100, 10_000])('sorts what is out of place by %d', (spread) => {
  const key = keysWithin(spread);
  const ids = Array.from({ length: count }, (_, id) => id);
  const expected = ids.toSorted((a, b) => (key[a] as number) - (key[b] as number));
  expect([...sortByKey(Int32Array.from(ids), key)]).toEqual(expected);
});

test('of a heap the least key comes first', () => {
  const deadline = keysWithin(10_000);
  const heap = new MinHeap(deadline);
  expect(heap.leastKey).toBe(Number.POSITIVE_INFINITY);
  const popped: number[] = [];
  for (let item = 0; item < count; item++) heap.push(item);
  while (!heap.isEmpty) {
    const { leastKey } = heap;
    expect(deadline[heap.pop() as number]).toBe(leastKey);
    popped.push(leastKey);
  }
  expect(popped).toEqual([...deadline].sort((a, b) => a - b));
});
