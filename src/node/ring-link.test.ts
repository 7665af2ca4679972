import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { rolldown } from 'rolldown';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { anything } from '../runtime/cbor-tuples.js';
import { encodeFrames } from '../runtime/testing/encode-frames.js';
import { ByteRing } from './byte-ring.js';
import { systemClock } from './clock.js';
import { Doorbell, newDoorbell } from './doorbell.js';
import { type ChannelEnd, newChannel, RingLink } from './ring-link.js';

const frame = encodeFrames(anything, ['note'])[0] as Uint8Array;

/** A link, and the other ends of its channels to these peers. */
function setUp(peers: readonly string[]) {
  const doorbell = newDoorbell();
  const link = new RingLink(anything, systemClock, doorbell, () => {});
  onTestFinished(() => link.close());
  const ends = peers.map((peer) => {
    const [loose, end] = newChannel(newDoorbell(), doorbell);
    link.connect(peer, end);
    return loose;
  });
  return { link, ends, bell: new Doorbell(doorbell), cell: new Int32Array(doorbell) };
}

/** Resolves when so many messages have come, with how many of each peer. */
function received(link: RingLink<unknown>, count: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  let left = count;
  return new Promise((resolve) => {
    link.onReceive((from, messages) => {
      link.send(from, messages);
      counts.set(from, (counts.get(from) ?? 0) + messages.length);
      left -= messages.length;
      if (left <= 0) resolve(counts);
    });
  });
}

async function moduleOf(name: string): Promise<string> {
  const bundle = await rolldown({ input: fileURLToPath(new URL(name, import.meta.url)) });
  return (await bundle.generate({ format: 'cjs' })).output[0].code;
}

/** A peer's thread: writes the next frame soon after the one before was answered, when the node comes to rest, or nearly so. */
const writer = `
  const { workerData } = require('node:worker_threads');
  const load = (code) => {
    const exports = {};
    new Function('exports', code)(exports);
    return exports;
  };
  const { end, frame, count, seed, modules } = workerData;
  const { ByteRing } = load(modules.ring);
  const [ring, answers] = [new ByteRing(end.outgoing), new ByteRing(end.incoming)];
  const bell = new (load(modules.bell).Doorbell)(end.doorbell);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  let random = seed;
  for (let sent = 0; sent < count; sent++) {
    ring.write(frame, 0);
    bell.ring(() => end.port.postMessage(null));
    for (let tries = 0; !answers.read(); tries++) if (tries > 50_000) Atomics.wait(nap, 0, 0, 0.1);
    random = (random * 1103515245 + 12345) & 0x7fffffff;
    for (let spin = (random >> 8) % 15_000; spin > 0; spin--) Atomics.load(nap, 0);
  }
  end.port.on('message', () => {});
`;

describe('a link between threads', () => {
  const workers: Worker[] = [];
  afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.terminate())));

  it.each([
    ['a peer', ['a']],
    ['two peers', ['a', 'b']],
  ])('never sleeps while there is something in a ring, whenever %s wrote', async (_, peers) => {
    const count = 3000;
    const modules = { ring: await moduleOf('byte-ring.ts'), bell: await moduleOf('doorbell.ts') };
    const { link, ends } = setUp(peers);
    const all = received(link, peers.length * count);
    for (const [seed, end] of ends.entries()) {
      const workerData = { end, frame, count, seed, modules };
      workers.push(new Worker(writer, { eval: true, workerData, transferList: [end.port] }));
    }
    expect([...(await all).values()]).toEqual(peers.map(() => count));
  });

  it('looks once more when it has said that it rests', async () => {
    const { link, ends, bell } = setUp(['a']);
    const [end] = ends as [ChannelEnd];
    const all = received(link, 1);
    const rest = vi.spyOn(Doorbell.prototype, 'rest').mockImplementationOnce(function (
      this: Doorbell,
    ) {
      new ByteRing(end.outgoing).write(frame, 0);
      // The node is still awake, as far as its peer sees.
      bell.ring(() => end.port.postMessage(null));
      rest.mockRestore();
      this.rest();
    });
    expect([...(await all)]).toEqual([['a', 1]]);
  });

  it('looks when a peer has ended, which may have been about to wake it for another', async () => {
    const { link, ends, bell, cell } = setUp(['a', 'b']);
    const all = received(link, 1);
    await expect.poll(() => Atomics.load(cell, 0) & 1).toBe(1);
    const [ending, other] = ends as [ChannelEnd, ChannelEnd];
    bell.ring(() => {});
    new ByteRing(other.outgoing).write(frame, 0);
    bell.ring(() => other.port.postMessage(null));
    ending.port.close();
    expect([...(await all)]).toEqual([['b', 1]]);
  });
});
