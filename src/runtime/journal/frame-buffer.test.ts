import { expect, it } from 'vitest';
import { list, text } from '../../core/wire.js';
import { decodeAs } from '../cbor.js';
import { anything } from '../cbor-tuples.js';
import { FrameBuffer } from './frame-buffer.js';
import { fileOf } from './testing/bytes.js';

function readBack(bytes: Uint8Array): unknown[] {
  const file = fileOf(bytes, 1000);
  const frame = file.frameAt(0, 1);
  const found: unknown[] = [];
  if (frame === null || !file.isIntact(frame, 24)) throw new Error('no frame');
  expect(file.visitRecords(frame, 24, (cbor) => found.push(decodeAs(anything, cbor)))).toBe(true);
  return found;
}

it('grows with what it is given, and starts anew after a large write', () => {
  const buffer = new FrameBuffer();
  const large = 'x'.repeat(3_000_000);
  for (const data of ['a', large, large, 'b']) buffer.add(text, data);
  expect(buffer.recordCount).toBe(4);
  expect(readBack(buffer.seal(1, 0).slice())).toEqual(['a', large, large, 'b']);
  buffer.clear();
  expect(buffer.isEmpty).toBe(true);
  buffer.add(text, 'c');
  expect(readBack(buffer.seal(1, 0).slice())).toEqual(['c']);
});

it('is as it was when a record cannot be encoded', () => {
  const buffer = new FrameBuffer();
  buffer.add(text, 'a');
  const half = ['begins', Symbol('and ends here') as unknown as string];
  expect(() => buffer.add(list(text), half)).toThrow('a symbol');
  buffer.add(text, 'b');
  expect(readBack(buffer.seal(1, 0).slice())).toEqual(['a', 'b']);
});
