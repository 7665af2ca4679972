import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionLimits } from '../core/limits.js';
import { LargeFrames, largeFrameLimits } from '../node/large-frames.js';
import { realTiming } from '../node/timing.js';
import { profileOf } from '../protocols/catalog.js';
import type { RespNode } from '../resp/command.js';
import { type RespDesk, RespSocket } from './resp-socket.js';

/** A node whose clients ask for nothing that needs one. */
const node = {
  ...{ node: 'n1', mode: profileOf('gossip'), modeOptions: {}, password: null },
  ...{ timing: realTiming, wallClock: () => 0, counts: { clients: 0, commands: 0 } },
  connect: () => ({ node: 'n1', isOpen: true, onLeader: () => {}, close: () => {} }),
} as never as RespNode;

let served: RespSocket[] = [];
/** Handles have what `straight-bytes.ts` needs. */
let isStraight = true;
let unread = 0;
let closed = 0;

const desk: RespDesk = {
  node,
  ...{ log: () => {}, path: join(tmpdir(), `kvx-resp-${process.pid}`) },
  largeFrames: new LargeFrames(),
  flushSoon: (socket) => process.nextTick(() => socket.flush()),
  onUnread: (change) => {
    unread += change;
  },
  onRead: () => {},
  onClosed: () => {
    closed++;
  },
};

const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
  if (!isStraight) hideHandle(socket);
  served.push(new RespSocket(served.length, socket, desk));
});

function hideHandle(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { _handle: object };
  Object.defineProperties(handle, { useUserBuffer: { value: undefined }, fd: { value: -1 } });
}

async function client(): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  // It may be hung up on.
  socket.on('error', () => {});
  return socket;
}

/** All that it is told until the connection ends. */
async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket.resume();
  await once(socket, 'close');
  return text;
}

beforeEach(async () => {
  served = [];
  unread = 0;
  closed = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of served) socket.destroy();
  server.close();
  await once(server, 'close');
});

describe.each(['straight', 'as streams'])('bytes go %s', (how) => {
  beforeEach(() => {
    isStraight = how === 'straight';
  });

  it('what makes no sense is answered and ends the connection, and others go on', async () => {
    const other = await client();
    const socket = await client();
    socket.write('PING\r\n*1\r\nx\r\nPING\r\n');
    expect(await heard(socket)).toBe("+PONG\r\n-ERR Protocol error: expected '$', got 'x'\r\n");
    other.end('PING\r\n');
    expect(await heard(other)).toBe('+PONG\r\n');
  });

  it('who hangs up its own end hears all that it has asked for, a pipeline of any length', async () => {
    const socket = await client();
    socket.end('ECHO abc\r\n'.repeat(20_000));
    expect(await heard(socket)).toBe('$3\r\nabc\r\n'.repeat(20_000));
    expect(unread).toBe(0);
  });

  it('who does not read is not read either, and hears all once it does', async () => {
    const large = 'x'.repeat(60_000);
    const count = 300;
    const socket = await client();
    socket.pause();
    for (let nth = 0; nth < count; nth++) socket.write(`ECHO ${large}\r\n`);
    while (served[0]?.conversation.isFull !== true) await new Promise(setImmediate);
    const { bytesWaitingMax, bytesInSocket } = connectionLimits;
    expect(unread).toBeLessThan(bytesWaitingMax + bytesInSocket + 2 * large.length);
    // The system has not taken what is not read.
    expect(socket.writableLength).toBeGreaterThan(0);
    socket.end();
    const text = await heard(socket);
    expect(text.length).toBe(count * `$60000\r\n${large}\r\n`.length);
    expect(unread).toBe(0);
  });

  it('large commands that are on their way share room, and who has none is not read until it has', async () => {
    const length = 1_000_000;
    const count = 2 + Math.floor(largeFrameLimits.bytesMax / length);
    const sockets = await Promise.all(Array.from({ length: count }, client));
    for (const socket of sockets) {
      socket.write(`*2\r\n$4\r\nECHO\r\n$${length}\r\n${'x'.repeat(length / 2)}`);
    }
    const gathered = () => served.reduce((sum, { bytesGathered }) => sum + bytesGathered, 0);
    const admitted = Math.floor(largeFrameLimits.bytesMax / length);
    while (gathered() < (admitted * length) / 2) await new Promise(setImmediate);
    expect(gathered()).toBeLessThan(largeFrameLimits.bytesMax);
    for (const socket of sockets) socket.end(`${'x'.repeat(length / 2)}\r\n`);
    const texts = await Promise.all(sockets.map(heard));
    for (const text of texts) expect(text.length).toBe(`$${length}\r\n\r\n`.length + length);
    expect(gathered()).toBe(0);
  });

  it('what was unread is forgotten with who did not read it', async () => {
    const socket = await client();
    socket.pause();
    for (let nth = 0; nth < 300; nth++) socket.write(`ECHO ${'x'.repeat(60_000)}\r\n`);
    while (served[0]?.conversation.isFull !== true) await new Promise(setImmediate);
    expect(unread).toBeGreaterThan(0);
    served[0]?.dismiss('the test says so');
    while (closed === 0) await new Promise(setImmediate);
    expect(unread).toBe(0);
    socket.destroy();
  });

  it('CLIENT INFO has both ends of the connection, however it came', async () => {
    const infoBy = async (way: NetConnectOpts): Promise<string> => {
      const socket = connect(way);
      socket.end('CLIENT INFO\r\n');
      return heard(socket);
    };
    const { port } = server.address() as AddressInfo;
    expect(await infoBy({ host: '127.0.0.1', port })).toContain(`laddr=127.0.0.1:${port} `);
    const { path } = desk;
    for (const where of [{ host: '127.0.0.2', port }, { path }]) {
      server.close().listen(where);
      await once(server, 'listening');
      const local = 'host' in where ? `127.0.0.2:${port}` : `${path}:0`;
      expect(await infoBy(where)).toContain(`laddr=${local} `);
    }
  });
});
