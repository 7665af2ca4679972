import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { mixed } from './mixed.js';
import { multiset, rapidset } from './sets.js';
import { uniqueValueBytesMin, uniqueValues } from './values.js';
import type { OperationSource } from './workload.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

function take(workload: OperationSource, count: number, seed = 1) {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, number) => workload(number, random));
}

describe('values', () => {
  it('have the size asked for and are text that tells run and number', () => {
    expect(text(uniqueValues(46_655, 20)(36))).toBe('0zzz.10.............');
  });

  it('differ from number to number at the smallest size, however large the number', () => {
    const valueFor = uniqueValues(7, uniqueValueBytesMin);
    const numbers = [0, 1, 35, 36, 36 * 36, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1];
    const values = numbers.map((number) => text(valueFor(number)));
    expect(new Set(values).size).toBe(numbers.length);
    expect(new Set(values.map((value) => value.length))).toEqual(new Set([uniqueValueBytesMin]));
  });

  it('differ from run to run', () => {
    expect(uniqueValues(1, 32)(5)).not.toEqual(uniqueValues(2, 32)(5));
  });

  it('are not touched by the making of the next', () => {
    const valueFor = uniqueValues(1, 32);
    const first = valueFor(1);
    const before = text(first);
    valueFor(2);
    expect(text(first)).toBe(before);
  });
});

describe('workloads', () => {
  const valueFor = uniqueValues(1, 32);

  it('rapidset: one key, 1234, a new value each time', () => {
    const operations = take(rapidset(valueFor), 3);
    expect(operations.map(({ type, key }) => [type, key])).toEqual(Array(3).fill(['put', '1234']));
    expect(operations.map((put) => 'value' in put && put.value)).toEqual([0, 1, 2].map(valueFor));
  });

  it('multiset: as many keys as operations', () => {
    const keys = take(multiset(valueFor), 1000).map(({ key }) => key);
    expect(keys[0]).toBe('multi-1');
    expect(new Set(keys).size).toBe(1000);
  });

  it('mixed: the same seed gives the same operations, another seed others', () => {
    const mix = mixed({ readShare: 0.5, keyCount: 100, valueFor });
    expect(take(mix, 200, 5)).toEqual(take(mix, 200, 5));
    expect(take(mix, 200, 5)).not.toEqual(take(mix, 200, 6));
  });

  it('mixed: reads and keys in the shares asked for', () => {
    const operations = take(mixed({ readShare: 0.9, keyCount: 10, valueFor }), 10_000);
    const readCount = operations.filter(({ type }) => type === 'get').length;
    expect(readCount / 10_000).toBeCloseTo(0.9, 1);
    const counts = new Map<string, number>();
    for (const { key } of operations) counts.set(key, (counts.get(key) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual(Array.from({ length: 10 }, (_, at) => `key-${at}`));
    for (const count of counts.values()) expect(count / 1000).toBeCloseTo(1, 0);
  });

  it.each([
    [0, 'put'],
    [1, 'get'],
  ])('mixed: reads at %d are never anything but %s', (readShare, type) => {
    const operations = take(mixed({ readShare, keyCount: 3, valueFor }), 500);
    expect(new Set(operations.map((operation) => operation.type))).toEqual(new Set([type]));
  });
});
