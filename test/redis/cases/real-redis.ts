/** A Redis server of the distribution, without any data, and clients of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Asking, Said } from './redis-case.js';
import { SaidReader } from './reply-bytes.js';

export class RealRedis {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kvx-redis-'));
  readonly #socket = join(this.#folder, 's');
  readonly #clients: RealClient[] = [];
  #server: ChildProcess | null = null;

  async up(): Promise<void> {
    const keepsNothing = ['--port', '0', '--save', '', '--appendonly', 'no'];
    const server = spawn('redis-server', [...keepsNothing, '--unixsocket', this.#socket], {
      cwd: this.#folder,
    });
    this.#server = server;
    const said: string[] = [];
    for await (const chunk of server.stdout) {
      said.push(String(chunk));
      if (said.join('').includes('ready to accept connections')) return;
    }
    throw new Error(`redis-server did not start: ${said.join('')}`);
  }

  async connect(): Promise<RealClient> {
    const socket = connect(this.#socket).setEncoding('latin1');
    await once(socket, 'connect');
    const client = new RealClient(socket);
    this.#clients.push(client);
    return client;
  }

  cleanUp(): void {
    for (const client of this.#clients) client.close();
    this.#server?.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class RealClient implements Asking {
  readonly #socket: Socket;
  readonly #waiting: ((said: Said) => void)[] = [];

  constructor(socket: Socket) {
    const reader = new SaidReader();
    socket.on('data', (chunk) =>
      reader.push(String(chunk), (said) => this.#waiting.shift()?.(said)),
    );
    this.#socket = socket;
  }

  ask(words: readonly string[]): Promise<Said> {
    const bulks = words.map((word) => `$${word.length}\r\n${word}\r\n`);
    this.#socket.write(`*${words.length}\r\n${bulks.join('')}`, 'latin1');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}
