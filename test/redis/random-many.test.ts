/** Any commands of strings, by two clients in turn, are answered as a plain model of Redis answers them. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RealRedis } from './cases/real-redis.js';
import type { Asking, Said } from './cases/redis-case.js';
import { reasonToSkip } from './redis-sandbox.js';
import { RespSimulation } from './sim-cluster.js';
import { ModelClient } from './string-model.js';

const keys = ['a', 'b', 'c'];
const key = fc.constantFrom(...keys);
const number = fc.constantFrom(
  '0',
  '1',
  '-1',
  '7',
  `${2n ** 63n - 1n}`,
  `${-(2n ** 63n)}`,
  '01',
  '+1',
);
const value = fc.oneof(number, fc.constantFrom('', 'x', ' 1', 'yz', '\r\n\0\xff'));
const pair = fc.tuple(key, value);
const command = (name: string, ...args: fc.Arbitrary<string>[]) =>
  fc.tuple(fc.constant(name), ...args);
const several = (name: string, each: fc.Arbitrary<readonly string[]>) =>
  fc.array(each, { minLength: 1, maxLength: 4 }).map((all) => [name, ...all.flat()]);
const oneKey = key.map((each) => [each]);

const data = fc.oneof(
  ...['GET', 'GETDEL', 'STRLEN', 'INCR', 'DECR'].map((name) => command(name, key)),
  ...['SET', 'SETNX', 'GETSET', 'APPEND'].map((name) => command(name, key, value)),
  ...['INCRBY', 'DECRBY'].map((name) => command(name, key, number)),
  ...['MGET', 'DEL', 'UNLINK', 'EXISTS'].map((name) => several(name, oneKey)),
  ...['MSET', 'MSETNX'].map((name) => several(name, pair)),
  fc
    .tuple(pair, fc.subarray(['NX', 'XX', 'GET']))
    .map(([[first, second], options]) => ['SET', first, second, ...options]),
  fc.constant(['PING']),
);
const queueing = fc.constantFrom(['MULTI'], ['EXEC'], ['EXEC'], ['DISCARD']);
const watching = fc.oneof(several('WATCH', oneKey), fc.constant(['UNWATCH']));
const steps = (each: fc.Arbitrary<readonly string[]>) =>
  fc.array(fc.tuple(fc.nat(1), each), { minLength: 1, maxLength: 40 });

/** Both clients begin with nothing queued and watched, and without values. */
async function begin(clients: readonly Asking[]): Promise<void> {
  for (const client of clients) {
    await client.ask(['MULTI']);
    await client.ask(['DISCARD']);
  }
  await clients[0]?.ask(['DEL', ...keys]);
}

type Asked = readonly (readonly [client: number, words: readonly string[]])[];

async function saidTo(asked: Asked, clients: readonly Asking[]): Promise<Said[]> {
  await begin(clients);
  const said: Said[] = [];
  for (const [client, words] of asked) said.push(await (clients[client] as Asking).ask(words));
  return said;
}

/** All by the first client, which waits for no reply before it sends the next. */
async function saidToAll(asked: Asked, clients: readonly Asking[]): Promise<Said[]> {
  await begin(clients);
  return Promise.all(asked.map(([, words]) => (clients[0] as Asking).ask(words)));
}

function modelClients(): ModelClient[] {
  const values = new Map<string, string>();
  return [new ModelClient(values), new ModelClient(values)];
}

it.each(['paxos', '2pc'])('in mode %s', async (mode) => {
  const simulation = new RespSimulation(mode, 7);
  const clients = [await simulation.connect('n2'), await simulation.connect('n3')];
  const all = fc.oneof(
    { weight: 8, arbitrary: data },
    { weight: 2, arbitrary: queueing },
    watching,
  );
  await fc.assert(
    fc.asyncProperty(steps(all), async (asked) => {
      expect(await saidTo(asked, clients)).toEqual(await saidTo(asked, modelClients()));
    }),
    { numRuns: 600 },
  );
  await fc.assert(
    fc.asyncProperty(steps(all), async (asked) => {
      expect(await saidToAll(asked, clients)).toEqual(await saidToAll(asked, modelClients()));
    }),
    { numRuns: 600 },
  );
});

const reason = reasonToSkip('redis-server');
describe.skipIf(reason !== null)(reason ?? 'the model is right', () => {
  const redis = new RealRedis();
  beforeAll(() => redis.up());
  afterAll(() => redis.cleanUp());

  /** But for WATCH: Redis sees that a key was written, too, when that left the same value. */
  it('says what a real Redis says', async () => {
    const clients = [await redis.connect(), await redis.connect()];
    await fc.assert(
      fc.asyncProperty(steps(fc.oneof({ weight: 8, arbitrary: data }, queueing)), async (asked) => {
        expect(await saidTo(asked, modelClients())).toEqual(await saidTo(asked, clients));
      }),
      { numRuns: 3000 },
    );
  });
});
