/** The npm package `redis`, as it comes. */
import { createClient, ErrorReply, WatchError } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAtomic, type ModeName, type RedisSandbox } from './redis-sandbox.js';

export function nodeRedisCases(sandbox: RedisSandbox, mode: ModeName): void {
  describe('redis', () => {
    const connected = async () => {
      const client = createClient({ socket: { port: sandbox.port() } });
      return await client.on('error', () => {}).connect();
    };
    let client: Awaited<ReturnType<typeof connected>>;
    beforeAll(async () => {
      client = await connected();
    });
    afterAll(() => client.destroy());

    it('sets and gets', async () => {
      expect(await client.set('node', 'redis')).toBe('OK');
      expect(await client.get('node')).toBe('redis');
      expect(await client.get('node nothing')).toBe(null);
      expect(await client.exists(['node', 'node nothing'])).toBe(1);
    });

    it('sends what is asked in one tick at once, and hears of each in its turn', async () => {
      const asked = Array.from({ length: 100 }, async (_, at) => {
        await client.set(`node ${at % 10}`, at % 10);
        return await client.get(`node ${at % 10}`);
      });
      expect(await Promise.all(asked)).toEqual(
        Array.from({ length: 100 }, (_, at) => `${at % 10}`),
      );
    });

    it('walks over all keys', async () => {
      const found: string[] = [];
      const options = { MATCH: 'node ?', COUNT: 3 };
      for await (const keys of client.scanIterator(options)) found.push(...keys);
      expect(found.sort()).toEqual(Array.from({ length: 10 }, (_, at) => `node ${at}`));
    });

    it('fails with its own errors', async () => {
      const failure = await client.sendCommand(['nonsense', 'a']).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ErrorReply);
      expect(failure).toMatchObject({ message: /^ERR unknown command 'nonsense'/ });
    });

    it.runIf(isAtomic(mode))('transacts', async () => {
      await client.set('node account', 10);
      const replies = await client.multi().decrBy('node account', 3).get('node account').exec();
      expect(replies).toEqual([7, '7']);
    });

    it.runIf(isAtomic(mode))('does nothing where what it watches has changed', async () => {
      const other = await connected();
      await client.watch('node account');
      await other.incr('node account');
      await expect(client.multi().set('node account', 0).exec()).rejects.toThrow(WatchError);
      expect(await client.get('node account')).toBe('8');
      other.destroy();
    });

    it.runIf(!isAtomic(mode))('is told what the mode cannot make atomic', async () => {
      await expect(client.incr('node')).rejects.toThrow(
        `ERR INCR is not atomic in mode ${mode}; it is in 2pc and paxos`,
      );
    });
  });
}
