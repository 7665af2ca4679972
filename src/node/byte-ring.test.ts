import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { ByteRing, newRing } from './byte-ring.js';

const pattern = Uint8Array.from({ length: 1_000_256 }, (_, at) => at * 7);
/** So many bytes that count on from `start`. */
const counting = (start: number, length: number): Uint8Array =>
  pattern.subarray(start % 256, (start % 256) + length);

function fill(ring: ByteRing): number {
  let written = 0;
  for (;;) {
    const end = ring.write(counting(written, 10_000), 0);
    written += end;
    if (end < 10_000) return written;
  }
}

const pieceOf = ({ piece, start, end }: ByteRing): Uint8Array => piece.subarray(start, end);

function drain(ring: ByteRing): Uint8Array {
  const pieces: Uint8Array[] = [];
  while (ring.read()) pieces.push(pieceOf(ring).slice());
  return Buffer.concat(pieces);
}

describe('a ring', () => {
  it.each([
    ['new', 0],
    ['that has carried almost as much as 31 bits count', 0x7fff_fff8],
    ['that has carried almost as much as 32 bits count', -8],
  ])('one %s: reads what was written, in order, whatever the sizes', (_, position) => {
    const memory = newRing();
    const cells = new Int32Array(memory);
    cells[0] = position;
    cells[16] = position;
    const [writer, reader] = [new ByteRing(memory), new ByteRing(memory)];
    const random = new SeededRandom(1);
    let [written, read] = [0, 0];
    while (read < 3_000_000) {
      const bytes = counting(written, Math.floor(random.next() ** 4 * 300_000) + 1);
      written += writer.write(bytes, 0);
      for (let reads = Math.floor(random.next() * 8); reads > 0; reads--) {
        if (!reader.read()) break;
        const piece = pieceOf(reader);
        if (!Buffer.from(piece).equals(counting(read, piece.length))) throw new Error(`at ${read}`);
        read += piece.length;
      }
    }
    expect(drain(reader).length).toBe(written - read);
    expect(reader.bytesWaiting).toBe(0);
  });

  it('takes no more than there is room for, and goes on where it stopped', () => {
    const ring = new ByteRing(newRing());
    const large = counting(0, 1_000_000);
    let end = ring.write(large, 0);
    expect(end).toBeLessThan(300_000);
    expect(ring.write(large, end)).toBe(end);
    const pieces = [drain(ring)];
    while (end < large.length) {
      end = ring.write(large, end);
      pieces.push(drain(ring));
    }
    expect(Buffer.concat(pieces).equals(large)).toBe(true);
  });

  it('shows nothing of a write that did not come to its end', () => {
    const memory = newRing();
    const ring = new ByteRing(memory);
    ring.write(counting(0, 100), 0);
    const tail = new Int32Array(memory)[0] as number;
    ring.write(counting(100, 100), 0);
    // All is in its place but the tail, which a killed writer did not move.
    new Int32Array(memory)[0] = tail;
    expect([...drain(ring)]).toEqual([...counting(0, 100)]);
    ring.write(counting(200, 50), 0);
    expect([...drain(ring)]).toEqual([...counting(200, 50)]);
  });

  it('tells a writer once that there is room, and only one that waits', () => {
    const ring = new ByteRing(newRing());
    fill(ring);
    ring.read();
    expect(ring.isWaitedFor()).toBe(false);
    ring.waitForRoom();
    ring.read();
    expect(ring.isWaitedFor()).toBe(true);
    expect(ring.isWaitedFor()).toBe(false);
  });
});
