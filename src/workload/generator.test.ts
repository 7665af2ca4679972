import { describe, expect, it } from 'vitest';
import type { KeyOperation } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import {
  markOf,
  multiset,
  OperationGenerator,
  type OperationSpec,
  rapidset,
  uniqueValueBytesMin,
} from './generator.js';

type PutOperation = Extract<KeyOperation, { type: 'put' }>;

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

const generator = (spec: OperationSpec, { mark = '0001', seed = 1 } = {}) =>
  new OperationGenerator(spec, mark, new SeededRandom(seed));

function take(spec: OperationSpec, count: number, seed = 1): KeyOperation[] {
  const source = generator(spec, { seed });
  return Array.from({ length: count }, () => source.next() as KeyOperation);
}

const valuesOf = (mark: string, bytes: number) => {
  const source = generator(rapidset(bytes), { mark });
  return (number: number) => source.valueOf(number);
};

const mixed = (readShare: number, count: number): OperationSpec => ({
  keys: { prefix: 'key-', first: 0, count, skew: 1 },
  mix: { get: readShare, put: 1 - readShare },
  valueBytes: 32,
});

describe('values', () => {
  it('have the size asked for and are text that tells run and number', () => {
    expect(text(valuesOf(markOf(46_655), 20)(36))).toBe('0zzz.10.............');
  });

  it('differ from number to number at the smallest size, however large the number', () => {
    const valueFor = valuesOf(markOf(7), uniqueValueBytesMin);
    const numbers = [0, 1, 35, 36, 36 * 36, 2 ** 32, 2 ** 53 - 2, 2 ** 53 - 1];
    const values = numbers.map((number) => text(valueFor(number)));
    expect(new Set(values).size).toBe(numbers.length);
    expect(new Set(values.map((value) => value.length))).toEqual(new Set([uniqueValueBytesMin]));
  });

  it('differ from run to run', () => {
    expect(valuesOf(markOf(1), 32)(5)).not.toEqual(valuesOf(markOf(2), 32)(5));
  });

  it('are not touched by the making of the next', () => {
    const valueFor = valuesOf('c1', 32);
    const first = valueFor(1);
    const before = text(first);
    valueFor(2);
    expect(text(first)).toBe(before);
  });
});

describe('workloads', () => {
  it('rapidset: one key, 1234, a new value each time', () => {
    const operations = take(rapidset(32), 3);
    expect(operations.map(({ type, key }) => [type, key])).toEqual(Array(3).fill(['put', '1234']));
    expect(operations.map((put) => 'value' in put && put.value)).toEqual(
      [0, 1, 2].map(valuesOf('0001', 32)),
    );
  });

  it('multiset: as many keys as operations', () => {
    const keys = take(multiset(32, 1000), 1000).map(({ key }) => key);
    expect(keys[0]).toBe('multi-1');
    expect(new Set(keys).size).toBe(1000);
  });

  it('mixed: the same seed gives the same operations, another seed others', () => {
    const mix = mixed(0.5, 100);
    expect(take(mix, 200, 5)).toEqual(take(mix, 200, 5));
    expect(take(mix, 200, 5)).not.toEqual(take(mix, 200, 6));
  });

  it('mixed: reads and keys in the shares asked for', () => {
    const operations = take(mixed(0.9, 10), 10_000);
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
    const operations = take(mixed(readShare, 3), 500);
    expect(new Set(operations.map((operation) => operation.type))).toEqual(new Set([type]));
  });

  it('the greater the skew, the hotter the first keys', () => {
    const keys = { prefix: 'k', first: 0, count: 10, skew: 3 };
    const drawn = take({ keys, mix: { get: 1 }, valueBytes: 32 }, 1000).map(({ key }) => key);
    const counts = drawn.reduce((so, key) => so.set(key, (so.get(key) ?? 0) + 1), new Map());
    expect(counts.get('k0')).toBeGreaterThan(400);
    expect(counts.get('k9')).toBeLessThan(100);
    expect(counts.size).toBe(10);
  });

  it('one after the other in parts: each key and each value once', () => {
    const keys = { prefix: 'k', first: 0, count: 9, skew: 'in turn', bytes: 4 } as const;
    const spec = { keys, mix: { put: 1 }, valueBytes: 32 };
    const drawn = [0, 1, 2].flatMap((index) => {
      const source = new OperationGenerator(spec, 'm', new SeededRandom(index), {
        ...{ index, count: 3 },
      });
      return Array.from({ length: 3 }, () => source.next() as PutOperation);
    });
    expect(drawn.map(({ key }) => key).sort()).toEqual(
      Array.from({ length: 9 }, (_, nth) => `k00${nth}`),
    );
    expect(new Set(drawn.map(({ value }) => text(value))).size).toBe(9);
  });

  it('latest: what was added is hot once it is there, and others are read before that', () => {
    const keys = { prefix: 'k', first: 0, count: 5, skew: 'latest' } as const;
    const source = generator({ keys, mix: { new: 1, get: 1 }, valueBytes: 32 });
    expect(source.remembers).toBe(true);
    const added = new Set<string>();
    const read = new Map<string, number>();
    for (let nth = 0; nth < 400; nth++) {
      const operation = source.next() as KeyOperation;
      if (operation.type === 'get') read.set(operation.key, (read.get(operation.key) ?? 0) + 1);
      else if (added.size < 20) {
        added.add(operation.key);
        const version = { stamp: 1, node: 'n1' };
        source.saw(operation, { type: 'done', version, existed: null });
      }
    }
    expect([...added]).toEqual(Array.from({ length: 20 }, (_, nth) => `k${5 + nth}`));
    const hottest = [...read].sort((a, b) => b[1] - a[1])[0]?.[0];
    expect(hottest).toBe('k24');
    expect([...read.keys()].every((key) => Number(key.slice(1)) < 25)).toBe(true);
  });

  it('scans are of keys in a row; a read-modify-write is of one key', () => {
    const keys = { prefix: 'k', first: 0, count: 150, skew: 'zipfian' } as const;
    const source = generator({ keys, mix: { scan: 1, rmw: 1 }, valueBytes: 32 });
    const tasks = Array.from({ length: 200 }, () => source.nextTask());
    const lengths = tasks.flatMap((task) => {
      if (task.type !== 'scan') return [];
      const numbers = task.keys.map((key) => Number(key.slice(1)));
      const [first = 0] = numbers;
      expect(numbers).toEqual(numbers.map((_, at) => (first + at) % 150));
      return [numbers.length];
    });
    expect([Math.min(...lengths) >= 1, Math.max(...lengths) <= 100]).toEqual([true, true]);
    expect(new Set(lengths).size).toBeGreaterThan(30);
    expect(tasks.some(({ type }) => type === 'rmw')).toBe(true);
    expect(() => Array.from({ length: 9 }, () => source.next())).toThrow(/is a task/);
  });

  it('of every kind: each as often as asked for, and no value twice', () => {
    const mix = {
      ...{ get: 1, put: 1, delete: 1, insert: 1, update: 1, cas: 1 },
      ...{ transfer: 1, append: 1, registers: 1 },
    };
    const keys = { prefix: 'k', first: 0, count: 3, skew: 1 };
    const source = generator({ keys, mix, valueBytes: 32 });
    const operations = Array.from({ length: 900 }, () => {
      const operation = source.next();
      const values = operation.type === 'txn' ? [null, null] : [];
      const result = { type: 'committed', version: { stamp: 1, node: 'n1' }, values } as const;
      // Once all was looked at, transactions write.
      if (operation.type === 'txn') source.saw(operation, result);
      return operation;
    });
    const ofType = (type: string) => operations.filter((each) => each.type === type);
    for (const type of ['get', 'put', 'delete', 'insert', 'update', 'cas']) {
      expect(ofType(type).length / 100).toBeCloseTo(1, 0);
    }
    expect(ofType('txn').length / 300).toBeCloseTo(1, 0);
    const written = operations
      .flatMap((each): readonly object[] => (each.type === 'txn' ? each.steps : [each]))
      .flatMap((each) => {
        return 'value' in each && each.value instanceof Uint8Array ? [text(each.value)] : [];
      });
    expect(written.length).toBeGreaterThan(500);
    expect(new Set(written).size).toBe(written.length);
  });
});
