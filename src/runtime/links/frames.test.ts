import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frameBytesMax, nodesMax, valueBytesMax } from '../../core/limits.js';
import { CborError } from '../cbor-reader.js';
import { anything } from '../cbor-tuples.js';
import { encodeFrames } from '../testing/encode-frames.js';
import { FrameError, FrameReader, readLimits } from './frames.js';

function chop(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const cuts = [
    0,
    ...at.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

/** The items of all frames that the chunks complete. */
function read(reader: FrameReader, ...chunks: readonly Uint8Array[]): unknown[] {
  const items: unknown[] = [];
  for (const chunk of chunks) reader.push(chunk, (more) => items.push(...more.rest(anything)));
  return items;
}

describe('frames', () => {
  test('items come back whole and in order, however the stream is chopped up', () => {
    const items = fc.array(fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(null))), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        fc.array(
          items.filter((turn) => turn.length > 0),
          { minLength: 1, maxLength: 5 },
        ),
        fc.array(fc.nat(10_000)),
        (turns, cuts) => {
          const stream = Buffer.concat(turns.flatMap((turn) => encodeFrames(anything, turn)));
          const reader = new FrameReader();
          expect(read(reader, ...chop(stream, cuts))).toEqual(turns.flat());
        },
      ),
    );
  });

  test('a batch that is too large for one frame becomes several', () => {
    const items = Array.from({ length: 10 }, (_, index) => [index, new Uint8Array(valueBytesMax)]);
    const frames = encodeFrames(anything, items);
    expect(frames.length).toBeGreaterThan(2);
    for (const frame of frames) expect(frame.length).toBeLessThanOrEqual(frameBytesMax + 4);
    const reader = new FrameReader();
    const back = read(reader, ...frames) as [number, Uint8Array][];
    expect(back.map(([index]) => index)).toEqual(items.map(([index]) => index));
  });

  test('an item that fits no frame is refused', () => {
    expect(() => encodeFrames(anything, [new Uint8Array(frameBytesMax)])).toThrow(FrameError);
  });

  test('a frame that says it is too large is refused before its bytes are waited for', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(frameBytesMax + 1);
    expect(() => read(new FrameReader(), header)).toThrow(FrameError);
  });

  test('random bytes are refused or read as items; nothing else escapes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        const header = Buffer.alloc(4);
        header.writeUInt32BE(bytes.length);
        try {
          expect(read(new FrameReader(), Buffer.concat([header, bytes])).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error instanceof FrameError || error instanceof CborError).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('byte strings do not pin the chunk that they came in', () => {
    const [frame] = encodeFrames(anything, [new Uint8Array([1, 2, 3]), 'x'.repeat(100_000)]) as [
      Uint8Array,
    ];
    const [bytes] = read(new FrameReader(), frame) as [Uint8Array];
    expect(bytes.buffer.byteLength).toBeLessThan(64 * 1024);
  });

  test.each([
    ['of no bytes', '00000000'],
    ['that holds nothing', '0000000180'],
    ['that is no list', '0000000101'],
  ])('a frame %s is refused', (_, hex) => {
    expect(() => read(new FrameReader(), Buffer.from(hex, 'hex'))).toThrow(FrameError);
  });

  test('limits count from the next frame on, also when both came in one piece', () => {
    const reader = new FrameReader(readLimits.stranger);
    const [hello] = encodeFrames(anything, [['hello']]) as [Uint8Array];
    const [large] = encodeFrames(anything, [['large', new Uint8Array(2000)]]) as [Uint8Array];
    const seen: unknown[] = [];
    reader.push(Buffer.concat([hello, large]), (items) => {
      seen.push(...items.rest(anything));
      reader.limits = readLimits.client;
    });
    expect(seen).toHaveLength(2);
    expect(() => read(new FrameReader(readLimits.stranger), large)).toThrow(FrameError);
  });

  test('what a frame may take in memory is limited, too', () => {
    const flood = encodeFrames(anything, [new Array(1000).fill([])])[0] as Uint8Array;
    expect(flood.length).toBeLessThan(1024);
    expect(read(new FrameReader(readLimits.client), flood)).toHaveLength(1);
    const few = { frameBytesMax: 2048, itemsMax: 1, memoryMax: 10_000, memoryPerByte: 64 };
    expect(() => read(new FrameReader(few), flood)).toThrow(CborError);
  });

  const request = (...operation: unknown[]) => ['request', 1, operation, null, null, null, 1];

  test.each([
    ['empty lists', new Array(300_000).fill([])],
    ['lists of one', new Array(300_000).fill([1])],
    ['texts', new Array(100_000).fill(['a'])],
    ['byte strings', new Array(200_000).fill(new Uint8Array(1))],
    ['nothing', new Array(1_500_000).fill(null)],
  ])('a flood of %s in a request is refused, whatever room the frame has', (_, flood) => {
    const [frame] = encodeFrames(anything, [request('txn', flood)]) as [Uint8Array];
    expect(() => read(new FrameReader(readLimits.client), frame)).toThrow('too much memory');
  });

  test('a frame of too many items is refused before any of them is made', () => {
    const flood = Buffer.alloc(4 + 5 + 400_000, 0x80);
    flood.set([0, 6, 0x1a, 0x85, 0x9a, 0, 6, 0x1a, 0x80]);
    expect(() => read(new FrameReader(), flood)).toThrow('a frame of 400000 items, at most 1024');
  });

  test('the longest transaction and the most rules there can be are taken', () => {
    const steps = new Array(Math.floor(frameBytesMax / 2 / 33)).fill(['get', 'k']);
    const directions = new Array(4 * nodesMax ** 2).fill(['n1', 'n2']);
    for (const item of [request('txn', steps), ['set-faults', 1, [directions, directions]]]) {
      const [frame] = encodeFrames(anything, [item]) as [Uint8Array];
      expect(read(new FrameReader(readLimits.client), frame)).toEqual([item]);
    }
  });

  test('half a frame takes no more memory than a few times its bytes, whatever its header says', () => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(frameBytesMax);
    const readers = Array.from({ length: 1000 }, () => new FrameReader(readLimits.client));
    const before = process.memoryUsage().arrayBuffers;
    for (const reader of readers) {
      read(reader, header);
      for (let byte = 0; byte < 500; byte++) read(reader, new Uint8Array(1));
    }
    const took = process.memoryUsage().arrayBuffers - before;
    expect(readers[0]).toMatchObject({ bytesExpected: frameBytesMax, bytesGathered: 500 });
    expect(took).toBeLessThan(10 * 1024 * 1024);
  });
});
