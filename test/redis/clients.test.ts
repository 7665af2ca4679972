/** Redis clients as they are, against nodes of every mode. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultCases } from './fault-cases.js';
import { ioredisCases } from './ioredis-cases.js';
import { nodeRedisCases } from './node-redis-cases.js';
import { modeNames, RedisSandbox, reasonToSkip, runTool } from './redis-sandbox.js';
import { redisToolsCases } from './tools-cases.js';

describe.each(modeNames)('%s', (mode) => {
  const sandbox = new RedisSandbox();
  beforeAll(() => sandbox.up(mode));
  afterAll(() => sandbox.cleanUp());
  redisToolsCases(sandbox, mode);
  ioredisCases(sandbox, mode);
  nodeRedisCases(sandbox, mode);
  faultCases(sandbox, mode);
});

describe('with a password, and at the Unix socket', () => {
  const sandbox = new RedisSandbox();
  const password = 'let me in';
  let path = '';
  beforeAll(async () => {
    await sandbox.up('gossip', 'threads', ['--resp-password', password]);
    const { nodes } = JSON.parse(sandbox.must(['cluster', 'status', '--json']));
    path = nodes[0].resp.socket;
  });
  afterAll(() => sandbox.cleanUp());

  it('ioredis', async () => {
    const client = new Redis({ path, password });
    expect(await client.set('io', 'redis')).toBe('OK');
    client.disconnect();
    const stranger = new Redis({ path, password: 'wrong', retryStrategy: () => null });
    stranger.on('error', () => {});
    await expect(stranger.get('io')).rejects.toThrow();
    stranger.disconnect();
  });

  it('redis', async () => {
    const client = await createClient({ socket: { path, tls: false }, password }).connect();
    expect(await client.set('node', 'redis')).toBe('OK');
    client.destroy();
    const socket = { path, tls: false as const, reconnectStrategy: false as const };
    const stranger = createClient({ socket, password: 'wrong' }).on('error', () => {});
    await expect(stranger.connect()).rejects.toThrow(/^WRONGPASS /);
  });

  const reason = reasonToSkip('redis-cli');
  it.skipIf(reason !== null)(reason ?? 'redis-cli', async () => {
    const ask = (...words: string[]) => runTool('redis-cli', ['-s', path, ...words]);
    const known = await ask('-a', password, '--no-auth-warning', 'set', 'cli', 'redis');
    expect(known.stdout).toBe('OK\n');
    expect((await ask('get', 'cli')).stdout).toBe('NOAUTH Authentication required.\n\n');
  });
});
