import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyBytesMax, valueBytesMax } from './limits.js';
import { heapHeld } from './testing/heap.js';
import * as wire from './wire.js';

interface Point {
  readonly x: number;
  readonly label: string | null;
}
type Shout =
  | { readonly type: 'near'; readonly points: readonly Point[] }
  | { readonly type: 'far'; readonly loud: boolean };

const point = wire.struct<Point>({ x: wire.number, label: wire.nullable(wire.text) });
const shout = wire.union<Shout>({
  near: { points: wire.list(point) },
  far: { loud: wire.boolean },
});

function complaintOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('shapes', () => {
  test('a struct is a tuple, a variant a tuple that begins with its type', () => {
    expect(point.toWire({ label: null, x: 3 })).toEqual([3, null]);
    expect(shout.toWire({ type: 'near', points: [{ x: 1, label: 'a' }] })).toEqual([
      'near',
      [[1, 'a']],
    ]);
  });

  test('a variant keeps nothing of the tuple but its fields, and has room for them', () => {
    const before = heapHeld();
    const decoded = Array.from({ length: 50_000 }, (_, at) =>
      shout.fromWire([['f', 'ar'].join(''), at % 2 === 0]),
    );
    // An empty object of V8 and its place in the list: 64. With its own type, and fields apart, it would be 104.
    expect(((heapHeld() - before) * 2 ** 20) / decoded.length).toBeLessThan(88);
  });

  test('what goes out comes back', () => {
    const points = fc.record({
      x: fc.double({ noNaN: true, noDefaultInfinity: true }),
      label: fc.option(fc.string()),
    });
    const shouts: fc.Arbitrary<Shout> = fc.oneof(
      fc.record({ type: fc.constant('near' as const), points: fc.array(points) }),
      fc.record({ type: fc.constant('far' as const), loud: fc.boolean() }),
    );
    fc.assert(
      fc.property(shouts, (one) => {
        expect(shout.fromWire(shout.toWire(one))).toEqual(one);
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
    ['not a tuple', { type: 'far' }],
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
    expect(() => shout.fromWire(raw)).toThrow(wire.ShapeError);
  });

  test('arbitrary data is either refused or exactly what the shape says', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        try {
          const read = shout.fromWire(raw);
          expect(shout.toWire(read)).toEqual(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(wire.ShapeError);
        }
      }),
    );
  });

  test('keys and values are bounded', () => {
    expect(wire.key.fromWire('k'.repeat(keyBytesMax))).toHaveLength(keyBytesMax);
    expect(() => wire.key.fromWire('k'.repeat(keyBytesMax + 1))).toThrow(wire.ShapeError);
    expect(() => wire.key.fromWire('')).toThrow(wire.ShapeError);
    expect(() => wire.key.fromWire('ключ')).toThrow(wire.ShapeError); // characters, not bytes
    expect(wire.value.fromWire(new Uint8Array(valueBytesMax))).toHaveLength(valueBytesMax);
    expect(() => wire.value.fromWire(new Uint8Array(valueBytesMax + 1))).toThrow(wire.ShapeError);
  });

  test('names are short and printable, texts bounded, times such as timers hold', () => {
    for (const raw of ['', 'n1', 'a-b_c.9', 'x'.repeat(64)])
      expect(wire.name.fromWire(raw)).toBe(raw);
    for (const raw of ['x'.repeat(65), 'a b', 'a\n', '\u001b[2J', 'é', '\u202e', 1, null]) {
      expect(() => wire.name.fromWire(raw)).toThrow(wire.ShapeError);
    }
    expect(() => wire.text.fromWire('x'.repeat(100_000))).toThrow(wire.ShapeError);
    expect(wire.text.fromWire('two\nlines, \u001b[2J')).toBe('two\nlines, \\u001b[2J');
    for (const raw of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '1']) {
      expect(() => wire.duration.fromWire(raw)).toThrow(wire.ShapeError);
    }
    expect(wire.duration.fromWire(0.5)).toBe(0.5);
    expect(() => wire.list(wire.count, 2).fromWire([1, 2, 3])).toThrow(wire.ShapeError);
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
      const complaint = complaintOf(() => shout.fromWire([raw]));
      expect(complaint).toMatch(/^[ -~…]{1,400}$/);
    }
  });

  test('numbers that are not numbers are refused', () => {
    for (const raw of [Number.NaN, Number.POSITIVE_INFINITY, 1n, '1']) {
      expect(() => wire.number.fromWire(raw)).toThrow(wire.ShapeError);
    }
    for (const raw of [-1, 0.5, 2 ** 53])
      expect(() => wire.count.fromWire(raw)).toThrow(wire.ShapeError);
  });
});
