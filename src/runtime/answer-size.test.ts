import { describe, expect, it } from 'vitest';
import type { Key } from '../core/key.js';
import type { Operation } from '../core/operation.js';
import { RequestSource } from './request-queue.js';
import { TestBench } from './testing/bench.js';

describe('the size of an answer', () => {
  it('is looked up for each key only where some value is large', () => {
    const bench = new TestBench().start();
    const get: Operation = { type: 'get', key: 'k' as Key };
    const ask = (id: number): number => {
      bench.request(id, new RequestSource(), get);
      bench.machine.settle();
      return bench.replica.lookedUp.length;
    };
    const held = { key: get.key, version: { stamp: 1, node: 'n1' }, value: new Uint8Array(100) };
    bench.replica.held.set(get.key, held);
    bench.replica.largestValueBytes = 100;
    expect(ask(1)).toBe(0);
    bench.replica.largestValueBytes = 64 * 1024;
    expect(ask(2)).toBe(1);
    expect(bench.replica.log.filter((entry) => entry.startsWith('request'))).toHaveLength(2);
  });
});
