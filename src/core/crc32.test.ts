import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { accelerateCrc32, crc32 } from './crc32.js';

test('gives the numbers that zlib gives, in one go or in parts', () => {
  const bytes = fc.uint8Array({ maxLength: 700 });
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      expect(crc32(first)).toBe(zlibCrc32(first));
      expect(crc32(second, crc32(first))).toBe(zlibCrc32(second, zlibCrc32(first)));
    }),
  );
});

test('is 0xCBF43926 of the nine digits that are the standard check', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});

test('leaves long inputs to whoever is faster', () => {
  const native = vi.fn(zlibCrc32);
  accelerateCrc32(native);
  expect(crc32(new Uint8Array(511))).toBe(zlibCrc32(new Uint8Array(511)));
  expect(native).not.toHaveBeenCalled();
  expect(crc32(new Uint8Array(512), 7)).toBe(zlibCrc32(new Uint8Array(512), 7));
  expect(native).toHaveBeenCalledOnce();
});
