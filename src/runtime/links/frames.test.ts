import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameBytesMax, valueBytesMax } from '../../core/limits.js';
import { CborError } from '../cbor.js';
import { encodeFrames, FrameError, FrameReader } from './frames.js';

function chop(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const cuts = [
    0,
    ...at.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

describe('frames', () => {
  test('items come back whole and in order, however the stream is chopped up', () => {
    const items = fc.array(fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(null))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.array(items, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(10_000)),
        (turns, cuts) => {
          const stream = Buffer.concat(turns.flatMap((turn) => encodeFrames(turn)));
          const reader = new FrameReader();
          const read = chop(stream, cuts).flatMap((chunk) => reader.push(chunk));
          expect(read).toEqual(turns.flat());
        },
      ),
    );
  });

  test('a batch that is too large for one frame becomes several', () => {
    const items = Array.from({ length: 10 }, (_, index) => [index, new Uint8Array(valueBytesMax)]);
    const frames = encodeFrames(items);
    expect(frames.length).toBeGreaterThan(2);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(frameBytesMax + 4);
    const reader = new FrameReader();
    const read = frames.flatMap((frame) => reader.push(frame)) as [number, Uint8Array][];
    expect(read.map(([index]) => index)).toEqual(items.map(([index]) => index));
  });

  test('an item that fits no frame is refused', () => {
    expect(() => encodeFrames([new Uint8Array(frameBytesMax)])).toThrow(FrameError);
  });

  test('a frame that says it is too large is refused before its bytes are waited for', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(frameBytesMax + 1);
    expect(() => new FrameReader().push(header)).toThrow(FrameError);
  });

  test('random bytes are refused or read as items; nothing else escapes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        const header = Buffer.alloc(4);
        header.writeUInt32BE(bytes.length);
        try {
          expect(Array.isArray(new FrameReader().push(Buffer.concat([header, bytes])))).toBe(true);
        } catch (error) {
          expect(error instanceof FrameError || error instanceof CborError).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('byte strings do not pin the chunk that they came in', () => {
    const [frame] = encodeFrames([new Uint8Array([1, 2, 3]), 'x'.repeat(100_000)]) as [Uint8Array];
    const [bytes] = new FrameReader().push(frame) as [Uint8Array];
    expect(bytes.buffer.byteLength).toBeLessThan(64 * 1024);
  });
});
