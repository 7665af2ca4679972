import { Encoder } from 'cbor-x/encode';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as wire from '../core/wire.js';
import { encodeAs } from './cbor.js';
import { CborError, CborReader } from './cbor-reader.js';
import { anything, tupleOf } from './cbor-tuples.js';

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const copyOf = (data: unknown): Uint8Array => encodeAs(anything, data).slice();

function decodeCbor(bytes: Uint8Array, memoryMax?: number, isOurs?: boolean): unknown {
  const reader = new CborReader().open(bytes, memoryMax, isOurs);
  const item = reader.item();
  reader.close();
  return item;
}

/** `count` times the same bytes behind a head. */
const flood = (head: string, bytes: string, count: number): Uint8Array =>
  Buffer.concat([hex(head), Buffer.alloc(count * hex(bytes).length, hex(bytes))]);

const cborX = new Encoder({ useRecords: false, tagUint8Array: false });

describe('byte strings', () => {
  const small = new Uint8Array(1000).fill(1);
  const large = new Uint8Array(200_000).fill(2);

  it('are copied out of a buffer that somebody may write to again', () => {
    const bytes = copyOf([small, large]);
    const read = decodeCbor(bytes) as Uint8Array[];
    bytes.fill(0);
    expect(read).toEqual([small, large]);
  });

  it('stay in a buffer that is ours when they are large and most of it, and pin it otherwise never', () => {
    const one = copyOf(['value', large]);
    const [, value] = decodeCbor(one, Number.POSITIVE_INFINITY, true) as [string, Uint8Array];
    expect(value).toEqual(large);
    expect(value.buffer).toBe(one.buffer);
    const many = copyOf([small, large, large, large]);
    for (const each of decodeCbor(many, Number.POSITIVE_INFINITY, true) as Uint8Array[]) {
      expect(each.buffer.byteLength).toBe(each.length);
    }
  });
});

describe('the codec', () => {
  it('reads what it writes, which is what others would write', () => {
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.string({
          unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
        }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double().map((value) => value + 0),
        fc.constantFrom(null, undefined, true, false),
        fc.array(tie('data'), { maxLength: 40 }),
      ),
    }));
    fc.assert(
      fc.property(data, (value) => {
        const bytes = copyOf(value);
        expect(decodeCbor(bytes)).toEqual(value);
        expect(bytes).toEqual(Uint8Array.from(cborX.encode(value)));
      }),
      { numRuns: 50 },
    );
  });

  it('writes a value by its shape as it would its tuple', () => {
    const { boolean, count, list, nullable, number, optional, pair, partial, struct, text } = wire;
    const some = struct({
      pair: pair(count, text),
      maybe: nullable(wire.value),
      list: list(number),
    });
    const any = wire.union({
      one: { some, open: optional(count) },
      two: { few: partial({ a: count, b: boolean }) },
    });
    const value = { pair: [300, 'é'] as const, list: [-1, 2 ** 40, 0.5] };
    for (const each of [
      { type: 'one', some: { ...value, maybe: null }, open: undefined },
      { type: 'one', some: { ...value, maybe: new Uint8Array(40) }, open: 70_000 },
      { type: 'two', few: { b: true } },
    ] as const) {
      expect(Uint8Array.from(encodeAs(any, each))).toEqual(copyOf(tupleOf(any, each)));
    }
  });

  it('reads lists and texts of every length about which their heads change', () => {
    for (const length of [0, 1, 7, 8, 15, 16, 23, 24, 31, 32, 63, 64, 255, 256, 65_535, 65_536]) {
      const ascii = 'x'.repeat(length);
      const value = [ascii, `${ascii}é`, new Uint8Array(length), Array(length).fill(null), length];
      expect(decodeCbor(copyOf(value))).toEqual(value);
    }
  });

  it.each([
    ['nothing', ''],
    ['a tag', 'c0 61 61'],
    ['a set of sets (tag 258)', 'd9 0102 81 d9 0102 80'],
    ['shared references (tags 28 and 29)', 'd8 1c 81 d8 1d 00'],
    ['a packed table (tag 51)', 'd8 33 82 80 80'],
    ['a big number (tag 2)', 'c2 49 010000000000000000'],
    ['a number of eight bytes', '1b ffffffffffffffff'],
    ['a negative number of eight bytes', '3b ffffffffffffffff'],
    ['a map', 'a1 61 61 01'],
    ['an empty map', 'a0'],
    ['a list of indefinite length', '9f 01 ff'],
    ['bytes of indefinite length', '5f 41 01 ff'],
    ['a text of indefinite length', '7f 61 61 ff'],
    ['a list whose length takes eight bytes', '9b 0000000000000001 00'],
    ['a list longer than what is there', '9a ffffffff 00'],
    ['bytes longer than what is there', '5a ffffffff 00'],
    ['a text longer than what is there', '7a 00000005 61616161'],
    ['half a number', '19 01'],
    ['half a float', 'fb 3ff0'],
    ['a float of two bytes', 'f9 3c00'],
    ['a float of four bytes', 'fa 3f800000'],
    ['a simple value', 'e0'],
    ['a simple value of two bytes', 'f8 20'],
    ['a break', 'ff'],
    ['a reserved length', '1c'],
    ['two items', '01 01'],
    ['text that is not UTF-8', '62 c3 28'],
    ['half a surrogate pair', '63 ed a0 80'],
    ['a short text that is not ASCII, cut in a character', '61 c3'],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeCbor(hex(bytes))).toThrow(CborError);
  });

  it('refuses what nests deep, before the stack ends', () => {
    for (const head of ['81', '82 00', 'd8 33', 'a1 00', 'c2', '9f']) {
      expect(() => decodeCbor(flood('', head.replaceAll(' ', ''), 1_000_000))).toThrow(CborError);
    }
  });

  it.each([
    ['empty lists', '80', 1],
    ['lists of one', '8100', 2],
    ['empty byte strings', '40', 1],
    ['bytes of one', '4100', 2],
    ['short texts', '626162', 3],
  ])('stops before a flood of %s takes more memory than it may', (_, bytes, length) => {
    const frame = flood(`9a ${(1_000_000).toString(16).padStart(8, '0')}`, bytes, 1_000_000);
    expect(frame.length).toBe(5 + 1_000_000 * length);
    expect(() => decodeCbor(frame, 16 * 1024 * 1024)).toThrow('too much memory');
  });

  it('takes zero without its sign', () => {
    expect(Object.is(decodeCbor(hex('fb 8000000000000000')), 0)).toBe(true);
  });

  it('refuses random bytes or reads them, and nothing else escapes', () => {
    const heads = fc.constantFrom(
      0x80,
      0x81,
      0x82,
      0x9f,
      0x9a,
      0xa1,
      0xc2,
      0xd8,
      0xd9,
      0xfb,
      0x5f,
      0x7f,
      0xff,
    );
    const bytes = fc.array(fc.oneof(heads, fc.integer({ min: 0, max: 255 })), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, (list) => {
        try {
          const read = decodeCbor(Uint8Array.from(list), 10_000);
          // What is read can be written, and is read the same again.
          expect(decodeCbor(copyOf(read))).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(CborError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
