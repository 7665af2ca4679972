import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isByteString, keyFromBytes, keyFromText, keyToBytes, keyToText } from './key.js';

describe('keys are byte strings', () => {
  test('any bytes come back as they went in, one character a byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const key = keyFromBytes(bytes);
        expect(key).toHaveLength(bytes.length);
        expect(isByteString(key)).toBe(true);
        expect([...keyToBytes(key)]).toEqual([...bytes]);
      }),
    );
  });

  test('any text comes back as it went in, and its length is counted in bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const key = keyFromText(text);
        expect(key).toHaveLength(new TextEncoder().encode(text).length);
        expect(keyToText(key)).toBe(text);
      }),
    );
  });

  test('ASCII looks like itself, so it reads well in logs and snapshots', () => {
    expect(keyFromText('user:1')).toBe('user:1');
  });

  test('keys compare in byte order', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const bytes = Math.sign(Buffer.compare(a, b));
        const keys =
          keyFromBytes(a) < keyFromBytes(b) ? -1 : keyFromBytes(a) > keyFromBytes(b) ? 1 : 0;
        expect(keys).toBe(bytes);
      }),
    );
  });

  test('bytes that are not UTF-8 have no text', () => {
    expect(keyToText(keyFromBytes(new Uint8Array([0xff, 0x00])))).toBeNull();
  });
});
