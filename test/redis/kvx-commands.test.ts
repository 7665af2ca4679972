/** What Redis has no word for, asked of real nodes by a client that knows nothing of it. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisSandbox } from './redis-sandbox.js';

const sandbox = new RedisSandbox();
const clients: Redis[] = [];
const connect = (node: number): Redis => {
  const client = new Redis({ port: sandbox.port(node), maxRetriesPerRequest: 1 });
  clients.push(client);
  return client;
};

beforeAll(() => sandbox.up('gossip'));
afterAll(() => {
  for (const client of clients) client.disconnect();
  return sandbox.cleanUp();
});

describe('KVX.FAULT', () => {
  it('cuts off the very node that is asked, and heals it again', async () => {
    const client = connect(3);
    const fault = async (...words: string[]) =>
      ((await client.call('KVX.FAULT', ...words)) as string[]).join('\n');
    expect(await fault('ISOLATE', 'n3')).toMatch(/^cut n3 from n1 n2\nFROM\\TO/);
    expect(sandbox.must(['fault', 'list'])).toMatch(/Redis client \d+ +fault isolate n3/);
    await client.client('SETNAME', 'ann');
    expect(await fault('HEAL')).toMatch(/^healed: fault isolate n3\n/);
    await fault('DELAY', 'n1>n2', '1ms', '--jitter', '1ms');
    expect(await fault('LIST', '--wide')).toMatch(/ann +fault delay n1>n2/);
    await fault('heal');
  });

  it('takes nothing else', async () => {
    const client = connect(1);
    const refused = (...words: string[]) =>
      expect(client.call('KVX.FAULT', ...words)).rejects.toThrow(/^ERR /);
    await refused('kill', 'n1');
    await refused('nemesis', 'kills');
    await refused('isolate', 'n9');
    await refused('list', '--nonsense');
  });
});

describe('KVX.SESSION', () => {
  it('is handed over to the command line and back', async () => {
    const [client, other] = [connect(1), connect(2)];
    await client.call('KVX.FAULT', 'ISOLATE', 'n2');
    await client.call('KVX.SESSION', 'ann', 'GUARANTEES', 'ryw');
    await client.set('k', 'new');
    await client.call('KVX.SESSION', 'OFF');
    const asked = ['get', 'k', '--session', 'ann', '--node'];
    expect(sandbox.run([...asked, 'n2']).stderr).toContain('ERR_DEP');
    expect(sandbox.must([...asked, 'n1'])).toBe('new\n');
    sandbox.must(['put', 'k', 'newer', '--session', 'bob', '--node', 'n1']);
    await other.call('KVX.SESSION', 'bob');
    await expect(other.get('k')).rejects.toThrow(/^UNAVAIL .*ERR_DEP/);
    await other.call('KVX.SESSION', 'OFF');
    expect(await other.get('k')).toBe(null);
    await client.call('KVX.FAULT', 'HEAL');
  });

  it('has the name of no node, and keeps what it began with', async () => {
    const client = connect(1);
    await expect(client.call('KVX.SESSION', 'n1')).rejects.toThrow(/^ERR .*a node is called so/);
    await client.call('KVX.SESSION', 'carl', 'GUARANTEES', 'mr');
    const another = client.call('KVX.SESSION', 'carl', 'GUARANTEES', 'ryw');
    await expect(another).rejects.toThrow(/keeps what it began with/);
    expect(await client.call('KVX.SESSION')).toEqual([
      ...['session', 'carl', 'guarantees', ['monotonic-reads']],
    ]);
  });
});
