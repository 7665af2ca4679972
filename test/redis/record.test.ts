/** `kvx record` as built, between clients with bare sockets and nodes, or a real Redis: what `kvx check` makes of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePorts } from '../../scripts/bench/ports.js';
import { type ReadReply, ReplyReader } from '../../src/resp/reply-reader.js';
import { ended } from '../e2e/commands-sandbox.js';
import { RedisSandbox, reasonToSkip } from './redis-sandbox.js';

/** Knows no more of Redis than how to ask. */
class BareClient {
  readonly #socket: Socket;
  readonly #reader = new ReplyReader();
  readonly #waiting: ((reply: ReadReply | null) => void)[] = [];
  readonly closed: Promise<unknown>;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => {});
    this.#socket.on('data', (chunk) =>
      this.#reader.push(chunk as Uint8Array, (reply) => this.#waiting.shift()?.(reply)),
    );
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        for (const wait of this.#waiting.splice(0)) wait(null);
        resolve(null);
      });
    });
  }

  /** What it says; `null`: the connection was lost. */
  ask(...words: string[]): Promise<ReadReply | null> {
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#socket.write(`*${words.length}\r\n${parts.join('')}`);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async text(...words: string[]): Promise<string | null> {
    const reply = await this.ask(...words);
    if (reply?.type === 'bulk') return Buffer.from(reply.value).toString();
    return reply?.type === 'simple' || reply?.type === 'error' ? reply.text : null;
  }

  /** Hangs up once what it has written has left. */
  kill(): void {
    this.#socket.write('', () => this.#socket.destroy());
  }

  end(): void {
    this.#socket.end();
  }
}

class Recording {
  readonly history: string;
  readonly #child: ReturnType<RedisSandbox['start']>;
  readonly #ended: ReturnType<typeof ended>;
  readonly #sandbox: RedisSandbox;

  constructor(sandbox: RedisSandbox, to: readonly string[]) {
    this.#sandbox = sandbox;
    this.history = join(sandbox.home, 'history.jsonl');
    const where = ['--resp', '0', '--to', to.join(','), '--history', this.history];
    this.#child = sandbox.start(['record', ...where, '--json']);
    this.#ended = ended(this.#child);
  }

  /** The port of each door. */
  ports(count: number): Promise<number[]> {
    let said = '';
    return new Promise((resolve, reject) => {
      this.#child.stderr.on('data', (text) => {
        said += text;
        const ports = [...said.matchAll(/127\.0\.0\.1:(\d+) leads/g)].map(([, port]) =>
          Number(port),
        );
        if (ports.length === count) resolve(ports);
      });
      this.#child.on('close', () => reject(new Error(said)));
    });
  }

  /** Ends as people end it; what it counted. */
  async end() {
    this.#child.kill('SIGINT');
    const { status, stdout } = await this.#ended;
    expect(status).toBe(130);
    return JSON.parse(stdout);
  }

  check() {
    const { status, document } = this.#sandbox.json([
      'check',
      this.history,
      '--model',
      'linearizable',
    ]);
    return { status, sentence: document.evidence?.sentence, operations: document.operations };
  }
}

let sandbox: RedisSandbox;
let redis: ChildProcess | null = null;
afterEach(() => {
  redis?.kill('SIGKILL');
  redis = null;
  sandbox.cleanUp();
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

test('gossip: what two clients saw on two sides of a partition is not linearizable', async () => {
  sandbox = new RedisSandbox();
  await sandbox.up('gossip');
  const [before, elsewhere] = [new BareClient(sandbox.port(1)), new BareClient(sandbox.port(2))];
  expect(await before.text('SET', 'x', 'old')).toBe('OK');
  await until(async () => (await elsewhere.text('GET', 'x')) === 'old');
  before.end();
  elsewhere.end();
  const recording = new Recording(sandbox, ['n1', 'n2']);
  const [first, second] = (await recording.ports(2)).map((port) => new BareClient(port)) as [
    BareClient,
    BareClient,
  ];
  sandbox.must(['fault', 'partition', 'n1/n2,n3']);
  expect(await first.text('SET', 'x', 'new')).toBe('OK');
  expect(await second.text('GET', 'x')).toBe('old');
  first.end();
  second.end();
  expect(await recording.end()).toMatchObject({ clients: 2, unknown: 0, keys: 1, notJudged: [] });
  const { status, sentence } = recording.check();
  expect(status).toBe(1);
  expect(sentence).toMatch(
    /^session c\d read old from n2 after session c\d's put of new had been acknowledged$/,
  );
  expect(sandbox.run(['check', recording.history]).stdout).toContain(
    'Meanwhile: partition n1/n2,n3',
  );
});

test('paxos: a node is killed, and so is a client, and it is linearizable all the same', async () => {
  sandbox = new RedisSandbox();
  await sandbox.up('paxos', 'processes', ['--sync', 'off']);
  const recording = new Recording(sandbox, ['n1', 'n2', 'n3']);
  const ports = await recording.ports(3);
  const [first, second, third, fourth] = [0, 1, 2, 0].map(
    (at) => new BareClient(ports[at] as number),
  ) as [BareClient, BareClient, BareClient, BareClient];
  let isOver = false;
  const busy = [first, second].map(async (client, at) => {
    for (let count = 0; !isOver; count++) {
      await client.ask('SET', `k${count % 3}`, `${at} ${count}`);
      await Promise.all([client.ask('GET', `k${(count + 1) % 3}`), client.ask('INCR', 'n')]);
    }
  });
  // As fast as it can, so that some are under way when its node is killed.
  const flood = (async () => {
    for (let count = 0; ; count++) {
      const batch = Array.from({ length: 50 }, (_, at) =>
        third.ask('SET', 'k0', `3 ${count} ${at}`),
      );
      if ((await Promise.all(batch)).includes(null)) return;
    }
  })();
  await Promise.all([first.ask('GET', 'k0'), second.ask('GET', 'k0'), third.ask('GET', 'k0')]);
  await sandbox.mustMeanwhile(['node', 'kill', 'n3']);
  await Promise.all([flood, third.closed]);
  for (let at = 0; at < 100; at++) void fourth.ask('SET', 'k1', `4 ${at}`);
  fourth.kill();
  await fourth.closed;
  expect(await first.text('SET', 'end', 'reached')).toBe('OK');
  isOver = true;
  await Promise.all(busy);
  const sum = await recording.end();
  expect(sum).toMatchObject({ clients: 4 });
  expect(sum.unknown).toBeGreaterThan(0);
  expect(sum.ok).toBeGreaterThan(20);
  expect(recording.check()).toMatchObject({ status: 0, operations: sum.operations });
});

const whyNot = reasonToSkip('redis-server');

describe.skipIf(whyNot !== null)(`a real Redis${whyNot === null ? '' : ` (${whyNot})`}`, () => {
  async function startRedis(port: number): Promise<void> {
    redis = spawn('redis-server', ['--port', `${port}`, '--save', '', '--dir', sandbox.home]);
    await until(async () => {
      const client = new BareClient(port);
      const said = await client.text('PING');
      client.end();
      return said === 'PONG';
    });
  }

  test('what it forgets when it is killed is found; what it does before is in order', async () => {
    sandbox = new RedisSandbox();
    const [port = 0] = await freePorts(1);
    await startRedis(port);
    const before = new BareClient(port);
    await before.ask('SET', 'old', '41');
    const recording = new Recording(sandbox, [`127.0.0.1:${port}`]);
    const [door = 0] = await recording.ports(1);
    const client = new BareClient(door);
    // All at once, as one pipeline.
    const said = await Promise.all([
      ...['INCR', 'INCR', 'GET', 'GETDEL', 'GET'].map((name) => client.ask(name, 'old')),
      client.ask('SET', 'kept', 'yes'),
      client.ask('SET', 'short', 'lived', 'PX', '60000'),
      client.ask('LRANGE', 'list', '0', '-1'),
    ]);
    expect(said[3]).toEqual({ type: 'bulk', value: Uint8Array.from(Buffer.from('43')) });
    for (const words of [['MULTI'], ['INCR', 'n'], ['EXEC']]) await client.ask(...words);
    redis?.kill('SIGKILL');
    await client.closed;
    await startRedis(port);
    const again = new BareClient(door);
    expect(await again.ask('GET', 'kept')).toEqual({ type: 'null' });
    again.end();
    before.end();
    expect(await recording.end()).toMatchObject({
      operations: 9,
      notRecorded: { LRANGE: 1 },
      notJudged: [{ key: 'short', why: 'it expires by itself' }],
    });
    expect(recording.check()).toMatchObject({
      status: 1,
      sentence: `session c2 read nothing from 127.0.0.1:${port} after session c1's put of yes had been acknowledged`,
    });
  });
});
