/**
 * What Redis' own test suite asks for, asked of simulated nodes of the modes that have all of it; and of a real Redis, where
 * there is one, to see that the tables say what it says.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisCaseFiles as files } from './cases/files.js';
import { RealRedis } from './cases/real-redis.js';
import { type Asking, differenceIn, namesIn, type RedisCase } from './cases/redis-case.js';
import { reasonToSkip } from './redis-sandbox.js';
import { RespSimulation } from './sim-cluster.js';

async function differences(cases: readonly RedisCase[], clients: readonly Asking[]) {
  const found: string[] = [];
  for (const each of cases) {
    const difference = await differenceIn(each, clients);
    if (difference !== null) found.push(difference);
  }
  return found;
}

describe.each(files)('$file', (cases) => {
  it('has every case of its file, once', () => {
    const names = [
      ...cases.holding.map(({ name }) => name),
      ...namesIn(cases.beside),
      ...namesIn(cases.different),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBe(cases.count);
  });

  it.each(['paxos', '2pc'])('holds in mode %s', async (mode) => {
    const simulation = new RespSimulation(mode, 1);
    const clients = [await simulation.connect('n3'), await simulation.connect('n2')];
    expect(await differences(cases.holding, clients)).toEqual([]);
  });
});

const reason = reasonToSkip('redis-server');
describe.skipIf(reason !== null)(reason ?? 'the tables say what a real Redis says', () => {
  const redis = new RealRedis();
  beforeAll(() => redis.up());
  afterAll(() => redis.cleanUp());

  it.each(files)('$file', async ({ holding }) => {
    const clients = [await redis.connect(), await redis.connect()];
    await clients[0]?.ask(['flushall']);
    expect(await differences(holding, clients)).toEqual([]);
  });
});
