import { expect, it } from 'vitest';
import { decodeCbor } from '../cbor.js';
import { FrameBuffer } from './frame-buffer.js';
import { type FileIdentity, fileBytes, frameAt, visitRecords } from './record-format.js';

const log: FileIdentity = { kind: 'log', sequence: 1, ordered: true };

function readBack(bytes: Uint8Array): unknown[] {
  const file = fileBytes(log, bytes);
  const frame = frameAt(file, 0);
  const found: unknown[] = [];
  if (frame === null) throw new Error('no frame');
  expect(visitRecords(file, frame, (cbor) => found.push(decodeCbor(cbor)))).toBe(true);
  return found;
}

it('grows with what it is given, and starts anew after a large write', () => {
  const buffer = new FrameBuffer();
  const large = 'x'.repeat(3_000_000);
  for (const data of ['a', large, large, 'b']) buffer.add(data);
  expect(buffer.recordCount).toBe(4);
  expect(readBack(buffer.seal(log, 0).slice())).toEqual(['a', large, large, 'b']);
  buffer.clear();
  expect(buffer.isEmpty).toBe(true);
  buffer.add('c');
  expect(readBack(buffer.seal(log, 0).slice())).toEqual(['c']);
});

it('is as it was when a record cannot be encoded', () => {
  const buffer = new FrameBuffer();
  buffer.add('a');
  const bad = {
    toJSON() {
      throw new Error('no');
    },
  };
  expect(() => buffer.add(bad)).toThrow('no');
  buffer.add('b');
  expect(readBack(buffer.seal(log, 0).slice())).toEqual(['a', 'b']);
});
