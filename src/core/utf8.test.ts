import { isUtf8 as nodeIsUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8, isUtf8 } from './utf8.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function nodeDecode(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** Sequences that are nearly right: of the bytes at which the rules of RFC 3629 change. */
const edges = [
  ...[0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1],
  ...[0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff, 0xbb],
];

test('decodes what is well-formed, and nothing else', () => {
  const nearly = fc.array(fc.constantFrom(...edges), { maxLength: 12 });
  const valid = fc.string({ unit: 'binary' }).map((text) => [...Buffer.from(text)]);
  const parts = fc.array(fc.oneof(nearly, valid), { maxLength: 4 });
  fc.assert(
    fc.property(parts, (pieces) => {
      const bytes = Uint8Array.from(pieces.flat());
      expect(decodeUtf8(bytes)).toBe(nodeDecode(bytes));
      expect(isUtf8(bytes)).toBe(nodeIsUtf8(bytes));
    }),
    { numRuns: 500 },
  );
});

test('encodes as TextEncoder does, halves of pairs too', () => {
  const half = fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\ud83d\ude00');
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), half)), (pieces) => {
      const text = pieces.join('');
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
});

test('decodes a part, and text longer than one step', () => {
  const long = 'x'.repeat(10_000);
  const bytes = encodeUtf8(`é${long}é`);
  expect(decodeUtf8(bytes, 2, bytes.length - 2)).toBe(long);
  expect(decodeUtf8(bytes)).toBe(`é${long}é`);
  expect(decodeUtf8(bytes, 1)).toBe(null);
});
