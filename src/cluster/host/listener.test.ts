import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { anything } from '../../runtime/cbor-tuples.js';
import {
  clientFrame,
  framesVersion,
  hello,
  serverFrame,
} from '../../runtime/links/client-frames.js';
import { FrameReader } from '../../runtime/links/frames.js';
import { encodeFrames } from '../../runtime/testing/encode-frames.js';
import { hostileBytes } from '../testing/hostile.js';
import { type Guest, Listener, listenerLimits } from './listener.js';

/** One who connects and sends what it likes. */
class Caller {
  readonly said: string[] = [];
  isClosed = false;
  readonly socket: Socket;

  constructor(path: string) {
    const reader = new FrameReader();
    this.socket = connect(path);
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.on('data', (chunk) =>
      reader.push(chunk, (items) => {
        for (const frame of items.rest(serverFrame)) {
          this.said.push(frame.type === 'closing' ? frame.reason : frame.type);
        }
      }),
    );
  }

  sayHello(more: object = {}): this {
    const greeting = { type: 'client', version: framesVersion, cluster: 'c', ...more } as const;
    for (const frame of encodeFrames(hello, [greeting])) this.socket.write(frame);
    return this;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${condition}`);
    await new Promise(setImmediate);
  }
}

describe('the listener', () => {
  let folder: string;
  let endpoint: Listener;
  let log: string[];
  let callers: Caller[];
  let busy: Set<number>;
  let guests: number;
  let items: unknown[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kvx-'));
    log = [];
    callers = [];
    items = [];
    busy = new Set();
    guests = 0;
    endpoint = new Listener({
      path: join(folder, 's'),
      cluster: 'c',
      isPeer: (node) => node === 'n2',
      onClient(frames): Guest {
        const number = guests++;
        frames.handlers = {
          onItems: (more) => items.push(...more.rest(clientFrame)),
          onBroken: (reason) => {
            log.push(`broken: ${reason}`);
            frames.end();
          },
          onClosed: () => {},
        };
        return {
          get isIdle() {
            return !busy.has(number);
          },
          dismiss: (reason) => {
            log.push(`dismissed ${number}: ${reason}`);
            frames.end();
          },
        };
      },
      onPeer: (_, frames) => {
        frames.handlers = { onItems() {}, onBroken: () => frames.end(), onClosed() {} };
      },
      log: (event) => log.push(event),
    });
    await endpoint.listen();
  });
  afterEach(() => {
    vi.useRealTimers();
    endpoint.close();
    for (const { socket } of callers) socket.destroy();
    rmSync(folder, { recursive: true });
  });

  const call = (): Caller => {
    const caller = new Caller(join(folder, 's'));
    callers.push(caller);
    return caller;
  };

  it('welcomes who says hello, and says to others what is wrong', async () => {
    const [good, old, foreign, peer] = [call(), call(), call(), call()] as const;
    good.sayHello();
    old.sayHello({ version: 2 });
    foreign.sayHello({ cluster: 'another' });
    peer.sayHello({ type: 'peer', from: '\u001b[2J' });
    await until(() => callers.every(({ said, isClosed }) => said.length > 0 || isClosed));
    expect(callers.map(({ said }) => said)).toEqual([
      ['welcome'],
      [`frames of version 2, not ${framesVersion}`],
      ['this is a node of another cluster'],
      ['expected a name of at most 64 letters, digits and signs, got "\\u001b[2J"'],
    ]);
  });

  it.each([
    ['a large frame', Buffer.from([0, 0, 4, 1, 0x81])],
    ['no frame at all', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['nested tags', Buffer.concat([Buffer.from([0, 0, 3, 0]), Buffer.alloc(768, 'd833', 'hex')])],
    ['a bignum', Buffer.from('0000000b81c249010000000000000000', 'hex')],
    ['an endless name', encodeFrames(anything, [['client', 3, 'c'.repeat(900)]])[0] as Uint8Array],
  ])('takes no more than a hello before there was one: not %s', async (_, bytes) => {
    const caller = call();
    caller.socket.write(bytes);
    await until(() => caller.isClosed);
    expect(log).toHaveLength(1);
    expect(guests).toBe(0);
  });

  it('waits for a hello so long in all, whoever sends a byte now and then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const slow = call();
    const silent = call();
    let byte = 0;
    // A deadline that each byte moved would never come.
    await until(() => {
      if (byte < 100) slow.socket.write(Uint8Array.of(byte++ === 3 ? 200 : 0));
      vi.advanceTimersByTime(listenerLimits.helloMs / 10);
      return slow.said.length > 0 && silent.said.length > 0;
    });
    expect(slow.said).toEqual(['no hello came in time']);
  });

  it('lets people in although its places are taken by some who do not use them', async () => {
    const { connectionsMax, strangersMax } = listenerLimits;
    for (let count = 1; count <= connectionsMax; count++) {
      call().sayHello();
      if (count % 128 === 0) await until(() => guests === count);
    }
    busy = new Set([0, 1, 2]);
    const shots = [call().sayHello(), call().sayHello()];
    await until(() => shots.every(({ said }) => said.includes('welcome')));
    expect(log).toEqual([3, 4].map((n) => `dismissed ${n}: others wait, and it is idle`));
    await until(() => callers.filter(({ isClosed }) => isClosed).length === 2);
    // Those who come and say nothing cost clients at most so many places.
    for (let count = 1; count <= 2 * strangersMax; count++) {
      const stranger = call();
      if (count % 64 === 0) await until(() => !stranger.socket.connecting);
    }
    const last = call().sayHello();
    await until(() => last.said.includes('welcome'));
    const dismissed = log.filter((line) => line.startsWith('dismissed')).length;
    expect(dismissed).toBeLessThan(strangersMax + 10);
  });

  it('turns away, and says so, when all are busy', async () => {
    const { connectionsMax } = listenerLimits;
    busy = new Set(Array.from({ length: connectionsMax }, (_, number) => number));
    for (let count = 1; count <= connectionsMax; count++) {
      call().sayHello();
      if (count % 128 === 0) await until(() => guests === count);
    }
    const late = call().sayHello();
    await until(() => late.isClosed);
    expect(late.said).toEqual([`more than ${connectionsMax} connections at once`]);
  });

  it('lives through thousands of hostile connections, and serves who comes after them', async () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 16; round++) {
      const attackers = Array.from({ length: 50 }, () => {
        const caller = call();
        for (const bytes of hostileBytes(random, 'c')) caller.socket.write(bytes);
        caller.socket.end();
        return caller;
      });
      await until(() => attackers.every(({ isClosed }) => isClosed));
      callers = [];
    }
    const good = call().sayHello();
    await until(() => good.said.length > 0);
    expect(good.said).toEqual(['welcome']);
    // All that got through is of the shape of a client's frame; the rest cost a line and the connection.
    expect(log.length).toBeGreaterThan(250);
    for (const line of log) expect(line.length).toBeLessThan(500);
  });
});
