import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64 } from './base64.js';

test('gives what Buffer gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});
