import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useStraightShapes } from '../node/straight-shapes.js';
import { CborError } from '../runtime/cbor-reader.js';
import { fromTuple, tupleOf } from '../runtime/cbor-tuples.js';
import { keyBytesMax, valueBytesMax } from './limits.js';
import { makeStraightShapes } from './shape-body.js';
import { heapHeld } from './testing/heap.js';
import * as wire from './wire.js';

interface Point {
  readonly x: number;
  readonly label: string | null;
}
type Shout =
  | { readonly type: 'near'; readonly points: readonly Point[] }
  | { readonly type: 'far'; readonly loud: boolean };

function complaintOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const ways = [
  ['loops', () => makeStraightShapes(null)],
  ['straight code', useStraightShapes],
] as const;

describe.each(ways)('shapes written and read by %s', (_, use) => {
  const point = wire.struct<Point>({ x: wire.number, label: wire.nullable(wire.text) });
  const shout = wire.union<Shout>({
    near: { points: wire.list(point) },
    far: { loud: wire.boolean },
  });

  beforeAll(use);
  afterAll(() => makeStraightShapes(null));

  test('a struct is a tuple, a variant a tuple that begins with its type', () => {
    expect(tupleOf(point, { label: null, x: 3 })).toEqual([3, null]);
    expect(tupleOf(shout, { type: 'near', points: [{ x: 1, label: 'a' }] })).toEqual([
      'near',
      [[1, 'a']],
    ]);
  });

  test('a variant keeps nothing of the tuple but its fields, and has room for them', () => {
    const before = heapHeld();
    const decoded = Array.from({ length: 50_000 }, (_, at) =>
      fromTuple(shout, [['f', 'ar'].join(''), at % 2 === 0]),
    );
    // An empty object of V8 and its place in the list: 64. With its own type, and fields apart, it would be 104.
    expect(((heapHeld() - before) * 2 ** 20) / decoded.length).toBeLessThan(88);
  });

  test('what goes out comes back', () => {
    const points = fc.record({
      x: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      label: fc.option(fc.string()),
    });
    const shouts: fc.Arbitrary<Shout> = fc.oneof(
      fc.record({ type: fc.constant('near' as const), points: fc.array(points) }),
      fc.record({ type: fc.constant('far' as const), loud: fc.boolean() }),
    );
    fc.assert(
      fc.property(shouts, (one) => {
        expect(fromTuple(shout, tupleOf(shout, one))).toEqual(one);
      }),
    );
  });

  test('the greatest of the numbers that count, wherever they are', () => {
    const stamp = wire.counted(wire.count);
    const entry = wire.struct({ stamp, size: wire.count });
    const said = wire.union({
      some: { entries: wire.list(entry), first: wire.nullable(stamp) },
      pairs: { pairs: wire.list(wire.pair(wire.name, stamp)), slot: wire.counted(wire.count, 10) },
      none: { size: wire.count },
    });
    const entries = [
      { stamp: 3, size: 99 },
      { stamp: 2, size: 99 },
    ];
    expect(said.greatest?.({ type: 'some', entries, first: null })).toBe(3);
    expect(said.greatest?.({ type: 'some', entries, first: 7 })).toBe(7);
    expect(said.greatest?.({ type: 'pairs', pairs: [['n1', 8]], slot: 2 })).toBe(20);
    expect(said.greatest?.({ type: 'none', size: 5 })).toBe(0);
    expect(wire.list(wire.struct({ size: wire.count })).greatest).toBeUndefined();
  });

  test.each([
    ['not a tuple', 'far'],
    ['an unknown type', ['sideways', true]],
    ['a type that is a property of every object', ['constructor']],
    ['too few fields', ['far']],
    ['too many fields', ['far', true, 1]],
    ['a field of the wrong kind', ['far', 1]],
    [
      'a wrong field deep inside',
      [
        'near',
        [
          [1, 'a'],
          ['b', 2],
        ],
      ],
    ],
    ['nothing', undefined],
  ])('refuses %s', (_, raw) => {
    expect(() => fromTuple(shout, raw)).toThrow(wire.ShapeError);
  });

  test('arbitrary data is either refused or exactly what the shape says', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        try {
          const read = fromTuple(shout, raw);
          expect(tupleOf(shout, read)).toEqual(raw);
        } catch (error) {
          expect(error instanceof wire.ShapeError || error instanceof CborError).toBe(true);
        }
      }),
    );
  });

  test('keys and values are bounded', () => {
    expect(fromTuple(wire.key, 'k'.repeat(keyBytesMax))).toHaveLength(keyBytesMax);
    expect(() => fromTuple(wire.key, 'k'.repeat(keyBytesMax + 1))).toThrow(wire.ShapeError);
    expect(() => fromTuple(wire.key, '')).toThrow(wire.ShapeError);
    expect(() => fromTuple(wire.key, 'ключ')).toThrow(wire.ShapeError); // characters, not bytes
    expect(fromTuple(wire.value, new Uint8Array(valueBytesMax))).toHaveLength(valueBytesMax);
    expect(() => fromTuple(wire.value, new Uint8Array(valueBytesMax + 1))).toThrow(wire.ShapeError);
  });

  test('names are short and printable, texts bounded, times such as timers hold', () => {
    for (const raw of ['', 'n1', 'a-b_c.9', 'x'.repeat(64)])
      expect(fromTuple(wire.name, raw)).toBe(raw);
    for (const raw of ['x'.repeat(65), 'a b', 'a\n', '\u001b[2J', 'é', '\u202e', 1, null]) {
      expect(() => fromTuple(wire.name, raw)).toThrow(wire.ShapeError);
    }
    expect(() => fromTuple(wire.text, 'x'.repeat(100_000))).toThrow(wire.ShapeError);
    expect(fromTuple(wire.text, 'two\nlines, \u001b[2J')).toBe('two\nlines, \\u001b[2J');
    for (const raw of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1']) {
      expect(() => fromTuple(wire.duration, raw)).toThrow(wire.ShapeError);
    }
    expect(fromTuple(wire.duration, 0.5)).toBe(0.5);
    expect(() => fromTuple(wire.list(wire.count, 2), [1, 2, 3])).toThrow(wire.ShapeError);
  });

  test('what is wrong is told shortly and printably, whatever it is', () => {
    for (const raw of [
      10n ** 100n,
      '\u001b[2J',
      'x'.repeat(1e6),
      Array(1e6),
      Symbol('s'),
      new Map(),
    ]) {
      const complaint = complaintOf(() => fromTuple(shout, [raw]));
      expect(complaint).toMatch(/^[ -~…]{1,400}$/);
    }
  });

  test('numbers that are not numbers are refused', () => {
    for (const raw of [Number.NaN, Number.POSITIVE_INFINITY, 1n, '1']) {
      expect(() => wire.number.take(raw)).toThrow(wire.ShapeError);
    }
    for (const raw of [-1, 0.5, 2 ** 53, '1', null]) {
      for (const read of [() => wire.count.take(raw), () => fromTuple(wire.count, raw)])
        expect(read).toThrow(wire.ShapeError);
    }
  });
});
