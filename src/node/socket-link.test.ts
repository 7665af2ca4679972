import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeededRandom } from '../core/random.js';
import * as wire from '../core/wire.js';
import { CborReader } from '../runtime/cbor-reader.js';
import { anything } from '../runtime/cbor-tuples.js';
import { FrameItems } from '../runtime/links/frames.js';
import { encodeFrames } from '../runtime/testing/encode-frames.js';
import { systemClock } from './clock.js';
import { FrameSocket } from './frame-socket.js';
import { SocketLink } from './socket-link.js';
import { acceptStraight } from './straight-bytes.js';

const withHeader = (body: Uint8Array): Uint8Array => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
};

describe('a node that dials a peer', () => {
  let folder: string;
  let server: Server;
  let link: SocketLink<string> | null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kvx-'));
    server = createServer();
    link = null;
  });
  afterEach(() => {
    link?.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** What the link logs of a peer that answers with these bytes, once it has dialled again. */
  async function logOf(answer: Uint8Array): Promise<string[]> {
    const log: string[] = [];
    const path = join(folder, 's');
    let dials = 0;
    await new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        socket.on('error', () => {});
        socket.write(answer);
        if (++dials === 2) resolve();
      });
      server.listen(path, () => {
        link = new SocketLink({
          self: 'n1',
          incarnation: () => 1,
          cluster: 'c',
          peers: new Map([['n2', path]]),
          message: wire.text,
          clock: systemClock,
          random: new SeededRandom(1),
          log: (event) => log.push(event),
        });
      });
    });
    return log;
  }

  it.each([
    ['a bigint (of eight bytes)', withHeader(Buffer.from('811bffffffffffffffff', 'hex'))],
    ['a bignum', withHeader(Buffer.from('81c249010000000000000000', 'hex'))],
    ['a map', withHeader(Buffer.from('81a10102', 'hex'))],
    ['no closing', encodeFrames(anything, [['done', 1]])[0] as Uint8Array],
    ['no frame', Buffer.from('ffffffffff', 'hex')],
  ])('lives when it is answered with %s, and dials again', async (_, answer) => {
    expect(await logOf(answer)).toContain('link to n2 is down: closed');
  });

  it('logs why it was turned away: shortly, on one line, with no escape of a terminal', async () => {
    const reason = `\u001b[2J\n${'x'.repeat(10_000)}`;
    const [frame] = encodeFrames(anything, [['closing', reason]]) as [Uint8Array];
    const [line] = (await logOf(frame)).filter((event) => event.includes('turns us away'));
    expect(line).toMatch(/^n2 turns us away: \\u001b\[2J\\u000ax+…$/);
    expect(line?.length).toBeLessThan(300);
  });

  it('is cut off by no one who only says that it is a peer, but when the peer itself is at fault', async () => {
    const path = join(folder, 's');
    const heard: string[] = [];
    const log: string[] = [];
    const callers: Socket[] = [];
    link = new SocketLink({
      self: 'n1',
      incarnation: () => 1,
      cluster: 'c',
      peers: new Map(),
      message: wire.text,
      clock: systemClock,
      random: new SeededRandom(1),
      log: (event) => log.push(event),
    });
    link.onReceive((_, messages) => heard.push(...messages));
    server.on('connection', (socket) => {
      const frames = new FrameSocket((take) => acceptStraight(socket, take), {
        onItems() {},
        onBroken() {},
        onClosed() {},
      });
      link?.accept('n2', frames, new FrameItems(new CborReader(), 0));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const call = (...bodies: unknown[]): Socket => {
      const socket = connect(path);
      callers.push(socket.on('error', () => {}));
      for (const body of bodies) socket.write(encodeFrames(anything, [body])[0] as Uint8Array);
      return socket;
    };
    const closed = (socket: Socket) =>
      new Promise((resolve) => socket.resume().once('close', resolve));
    const peer = call('first');
    await vi.waitUntil(() => heard.length === 1);
    await closed(call(7));
    const silent = call();
    const other = call();
    await closed(silent);
    peer.write(encodeFrames(anything, ['second'])[0] as Uint8Array);
    await vi.waitUntil(() => heard.length === 2);
    expect(heard).toEqual(['first', 'second']);
    other.write(encodeFrames(anything, ['third'])[0] as Uint8Array);
    await closed(peer);
    expect(heard).toEqual(['first', 'second', 'third']);
    // What it sent has turned out to be what no peer sends.
    link.refuse('n2', 'it is no good');
    await closed(other);
    expect(log.at(-1)).toBe('link from n2 closed: it is no good');
    for (const socket of callers) socket.destroy();
  });
});
