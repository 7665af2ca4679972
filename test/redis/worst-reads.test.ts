/** The worst that is legal, as an application's own Redis client meets it. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisSandbox } from './redis-sandbox.js';

const sandbox = new RedisSandbox();
const clients: Redis[] = [];
const connect = (): Redis => {
  const client = new Redis({ port: sandbox.port(), enableReadyCheck: false });
  clients.push(client);
  return client;
};

/** What so many gets return, each value once. */
async function values(client: Redis, key: string): Promise<Set<string | null>> {
  return new Set(await Promise.all(Array.from({ length: 100 }, () => client.get(key))));
}

beforeAll(() => sandbox.up('gossip'));
afterAll(() => {
  for (const client of clients) client.disconnect();
  return sandbox.cleanUp();
});

describe('KVX.STALE', () => {
  it('makes reads of this client stale, and of no other, until it ends', async () => {
    const [client, other] = [connect(), connect()];
    await client.call('KVX.STALE', 'WORST', '3');
    for (const text of ['a', 'b', 'c']) await client.set('k', text);
    expect(await values(client, 'k')).toEqual(new Set([null, 'a', 'b', 'c']));
    expect(await values(other, 'k')).toEqual(new Set(['c']));
    await client.call('KVX.STALE', 'OFF');
    expect(await values(client, 'k')).toEqual(new Set(['c']));
  });

  it('never shows a session what is older than what it has seen', async () => {
    const client = connect();
    await client.call('KVX.STALE', 'WORST', '3');
    await client.set('s', 'a');
    await client.call('KVX.SESSION', 'ann');
    await client.set('s', 'b');
    for (const text of ['c', 'd']) await connect().set('s', text);
    const seen = await Promise.all(Array.from({ length: 60 }, () => client.get('s')));
    expect(seen).toEqual([...seen].sort());
    expect([seen[0], seen.at(-1)]).toEqual(['b', 'd']);
  });
});
