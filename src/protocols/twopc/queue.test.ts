import { describe, expect, it } from 'vitest';
import type { Pending } from './coordinator/pool.js';
import { Queue } from './coordinator/queue.js';
import { bounds } from './options.js';

const pending = (number: number, bytes: number, deadline = 1000): Pending => {
  const origin = { worker: null, start: 0, number };
  return { origin, operation: { type: 'get', key: 'k' as never }, bytes, deadline };
};
const large = bounds.smallBytesMax + 1;
const always = () => true;
const onlySmall = ({ bytes }: Pending) => bytes <= bounds.smallBytesMax;
const numberOf = (taken: Pending | null) => taken?.origin.number ?? null;

describe('transactions that wait to begin', () => {
  it('begin in the order in which they came, small and large, while there is room', () => {
    const queue = new Queue();
    for (const [at, bytes] of [large, 10, large, large, 10].entries())
      queue.push(pending(at, bytes));
    expect([0, 1, 2, 3, 4].map(() => numberOf(queue.shift(always)))).toEqual([0, 1, 2, 3, 4]);
    expect(queue.shift(always)).toBeNull();
  });

  it('do not wait for room that only large ones need', () => {
    const queue = new Queue();
    for (let at = 0; at < 5; at++) queue.push(pending(at, large));
    const small = pending(5, 10);
    expect([queue.isEmptyFor(small), queue.isEmptyFor(pending(6, large))]).toEqual([true, false]);
    queue.push(small);
    expect(numberOf(queue.shift(onlySmall))).toBe(5);
    expect(queue.shift(onlySmall)).toBeNull();
    expect(numberOf(queue.shift(always))).toBe(0);
  });

  it('leave when their time is over, wherever they stand, and are bounded in bytes', () => {
    const queue = new Queue();
    const each = 1024 * 1024;
    let taken = 0;
    while (queue.push(pending(taken, each, taken % 2 === 0 ? 10 : 1000))) taken++;
    expect(taken).toBe(bounds.queueBytesMax / each);
    queue.push(pending(taken, 0, 10));
    expect(queue.takeExpired(10)).toHaveLength(taken / 2 + 1);
    expect(queue.size).toBe(taken / 2);
    expect(queue.push(pending(taken + 1, each))).toBe(true);
  });
});
