import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromBytes } from '../../core/key.js';
import { LineBuffer } from './line-buffer.js';

function written(write: (lines: LineBuffer) => void): string {
  const pieces: Buffer[] = [];
  const lines = new LineBuffer((bytes) => pieces.push(Buffer.from(bytes)));
  write(lines);
  lines.flush();
  return Buffer.concat(pieces).toString();
}

describe('JSON in bytes', () => {
  it('has any whole number', () => {
    const numbers = [0, 9, 10, 999_999_999, 1e9, 1e9 + 7, 2 ** 31, 123_000_000_456, 2 ** 53 - 1];
    for (const number of numbers) {
      expect(written((lines) => lines.number(number))).toBe(String(number));
    }
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        expect(written((lines) => lines.number(number))).toBe(String(number));
      }),
    );
  });

  it('has any text and any UTF-8 as JSON.stringify has them', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\x7f', 'é'));
    fc.assert(
      fc.property(text, (any) => {
        expect(written((lines) => lines.string(any))).toBe(JSON.stringify(any));
        expect(written((lines) => lines.value(Buffer.from(any)))).toBe(JSON.stringify(any));
        expect(written((lines) => lines.key(keyFromBytes(Buffer.from(any))))).toBe(
          JSON.stringify(any),
        );
      }),
    );
  });

  it('has other bytes as base64, and absence as null', () => {
    const write = (lines: LineBuffer) => {
      lines.value(Uint8Array.of(0, 255).subarray(1));
      lines.key(keyFromBytes(Uint8Array.of(255)));
      lines.value(null);
    };
    expect(written(write)).toBe('{"base64":"/w=="}{"base64":"/w=="}null');
  });

  it('is written in big pieces, whatever the size of what is in it', () => {
    const sizes = [1, 100_000, 200_000, 262_142, 262_143, 300_000, 1, 1_000_000];
    const [plain, escaped] = ['x', '"'].map((letter) => sizes.map((size) => letter.repeat(size)));
    const pieces: number[] = [];
    let text = '';
    const lines = new LineBuffer((bytes) => {
      pieces.push(bytes.length);
      text += Buffer.from(bytes).toString();
    });
    for (const each of [...(plain ?? []), ...(escaped ?? [])]) lines.value(Buffer.from(each));
    for (let count = 0; count < 100_000; count++) lines.number(count);
    lines.flush();
    const numbers = Array.from({ length: 100_000 }, (_, count) => count).join('');
    expect(text).toBe(
      [...(plain ?? []), ...(escaped ?? [])].map((each) => JSON.stringify(each)).join('') + numbers,
    );
    expect(pieces.length).toBeLessThan(20);
  });
});
