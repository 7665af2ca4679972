/**
 * Five thousand Redis clients at one node: most rest, hundreds work, some read slowly, and one asks and never reads. The
 * node's memory stays bounded, who never reads is let go, with a reason in the node's log, and all the others are served.
 * `KVX_CLIENTS=1000 npx vitest run --config test/soak/vitest.config.ts resp-clients`.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RedisSandbox } from '../redis/redis-sandbox.js';

const count = Number(process.env['KVX_CLIENTS'] ?? 5_000);
const slowCount = 20;
const largeBytes = 100_000;
/** Of the whole process, three nodes. */
const growthBytesMax = 600 * 1024 ** 2;
const bytesAClientMax = 48 * 1024;

const large = `$${largeBytes}\r\n${'x'.repeat(largeBytes)}\r\n`;

class SoakClient {
  readonly socket: Socket;
  #bytes = 0;
  #wanted = 0;
  #reached: () => void = () => {};
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.on('data', (chunk) => {
      this.#bytes += chunk.length;
      if (this.#bytes >= this.#wanted) this.#reached();
    });
  }

  /** Resolves when all of the reply, so many bytes, is here. */
  ask(request: string, replyBytes: number): Promise<void> {
    this.#wanted += replyBytes;
    return new Promise((resolve) => {
      this.#reached = resolve;
      this.socket.write(request);
    });
  }

  /** Reads a little at a time, with pauses. */
  async readSlowly(request: string, replyBytes: number): Promise<void> {
    const all = this.ask(request, replyBytes);
    const timer = setInterval(() => {
      if (this.socket.isPaused()) this.socket.resume();
      else this.socket.pause();
    }, 20);
    await all;
    clearInterval(timer);
    this.socket.resume();
  }
}

const residentBytes = (pid: number): number =>
  1024 * Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString());

it(`${count} clients`, async () => {
  const sandbox = new RedisSandbox();
  try {
    await sandbox.up('gossip', 'threads');
    const [{ pid }] = sandbox.json(['cluster', 'status']).document.nodes;
    const clients: SoakClient[] = [];
    const first = new SoakClient(sandbox.port());
    await first.ask(`*3\r\n$3\r\nSET\r\n$5\r\nlarge\r\n${large}`, 5);
    const before = residentBytes(pid);
    while (clients.length < count) {
      const some = Array.from({ length: 100 }, () => new SoakClient(sandbox.port()));
      await Promise.all(some.map((client) => once(client.socket, 'connect')));
      clients.push(...some);
    }
    await Promise.all(clients.map((client) => client.ask('PING\r\n', 7)));
    const connected = residentBytes(pid);

    const never = clients[0] as SoakClient;
    never.socket.pause();
    const began = performance.now();
    never.socket.write('GET large\r\n'.repeat(10_000));
    const slow = clients.slice(1, 1 + slowCount);
    const slowly = slow.map((client) =>
      client.readSlowly('GET large\r\n'.repeat(100), 100 * large.length),
    );
    let most = connected;
    let asked = 0;
    while (!never.isClosed) {
      const some = clients.slice(1 + slowCount, 501);
      await Promise.all(some.map((client) => client.ask('GET nothing\r\n'.repeat(4), 4 * 5)));
      asked += 4 * some.length;
      // Who does not read hears of its end when it writes.
      never.socket.write('PING\r\n');
      most = Math.max(most, residentBytes(pid));
    }
    const leftAfterMs = Math.round(performance.now() - began);
    await Promise.all(slowly);
    await Promise.all(clients.slice(1).map((client) => client.ask('PING\r\n', 7)));
    const log = readFileSync(join(sandbox.home, 'dev', 'logs', 'n1.log'), 'utf8');
    const reasons = log.split('\n').filter((line) => line.includes('Redis client'));
    console.log(
      JSON.stringify({ count, before, connected, most, asked, leftAfterMs, reasons }, null, 1),
    );
    expect(clients.filter(({ isClosed }) => isClosed)).toEqual([never]);
    expect((connected - before) / count).toBeLessThan(bytesAClientMax);
    expect(most - before).toBeLessThan(growthBytesMax);
    expect(reasons.length).toBe(1);
    expect(reasons[0]).toMatch(/closed: it (stopped reading|does not read)/);
    for (const { socket } of clients) socket.destroy();
    first.socket.destroy();
  } finally {
    sandbox.cleanUp();
  }
});
