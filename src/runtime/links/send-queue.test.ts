import { describe, expect, it } from 'vitest';
import { linkLimits } from '../../core/limits.js';
import { anything } from '../cbor-tuples.js';
import { FrameReader } from './frames.js';
import { type Carrier, SendQueue } from './send-queue.js';

const item = (n: number, bytes = 0): unknown[] => ['item', n, new Uint8Array(bytes)];
const mebibyte = 1024 * 1024;

/** A carrier that gets rid of nothing before the test says so. */
class SlowCarrier implements Carrier {
  bytesInTransit = 0;
  readonly written: number[][] = [];

  write(frame: Uint8Array): void {
    this.bytesInTransit += frame.length;
    new FrameReader().push(frame, (items) => {
      this.written.push(items.rest(anything).map((each) => (each as [string, number])[1]));
    });
  }
}

function setUp() {
  const carrier = new SlowCarrier();
  const time = { now: 0 };
  const queue = new SendQueue(carrier, anything, () => time.now);
  /** The peer has taken everything that was in transit. */
  const drain = () => {
    carrier.bytesInTransit = 0;
    queue.onProgress();
  };
  return { carrier, time, queue, drain };
}

describe('a send queue', () => {
  it('hands a batch on at once, in one piece, while there is room', () => {
    const { carrier, queue } = setUp();
    queue.send([item(1), item(2)]);
    queue.send([item(3)]);
    expect(carrier.written).toEqual([[1, 2], [3]]);
    expect(queue.bytesWaiting).toBe(0);
  });

  it('hands on a little at a time, in order, and loses nothing of what waits', () => {
    const { carrier, queue, drain } = setUp();
    for (let n = 0; n < 24; n++) queue.send([item(n, mebibyte)]);
    expect(carrier.written.flat()).toEqual([0]);
    expect(queue.bytesWaiting).toBeGreaterThan(22 * mebibyte);
    for (let n = 1; n < 24; n++) {
      drain();
      expect(carrier.written.flat()).toHaveLength(n + 1);
    }
    expect(carrier.written.flat()).toEqual(Array.from({ length: 24 }, (_, n) => n));
    expect([queue.bytesWaiting, queue.lostCount]).toEqual([0, 0]);
  });

  it('cuts a batch that is large', () => {
    const { carrier, queue, drain } = setUp();
    queue.send(Array.from({ length: 8 }, (_, n) => item(n, 200 * 1024)));
    expect(carrier.written.flat()).toEqual([0, 1, 2]);
    drain();
    expect(carrier.written.flat()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps a bounded number of bytes, and loses what comes then', () => {
    const { queue } = setUp();
    const count = linkLimits.bytesWaitingMax / mebibyte + 10;
    for (let n = 0; n < count; n++) queue.send([item(n, mebibyte)]);
    expect(queue.bytesWaiting).toBeLessThanOrEqual(linkLimits.bytesWaitingMax);
    expect(queue.lostCount).toBeGreaterThanOrEqual(9);
  });

  it('keeps little for a peer that takes nothing, keeps nobody waiting, and goes on when it takes again', () => {
    const { carrier, time, queue, drain } = setUp();
    for (let n = 0; n < 24; n++) queue.send([item(n, mebibyte)]);
    time.now += linkLimits.stalledMs;
    expect(queue.bytesWaiting).toBe(0);
    queue.send([item(24, mebibyte)]);
    expect(queue.lostCount).toBeGreaterThan(24 - linkLimits.bytesStalledMax / mebibyte - 2);
    queue.send([item(25)]);
    drain();
    while (queue.bytesWaiting > 0) drain();
    expect(carrier.written.flat().at(-1)).toBe(25);
    queue.send([item(26)]);
    drain();
    expect(carrier.written.flat().at(-1)).toBe(26);
  });
});
