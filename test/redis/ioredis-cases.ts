/** The npm package `ioredis`, as it comes. */
import { Redis, ReplyError } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAtomic, type ModeName, type RedisSandbox } from './redis-sandbox.js';

export function ioredisCases(sandbox: RedisSandbox, mode: ModeName): void {
  describe('ioredis', () => {
    let client: Redis;
    beforeAll(() => {
      client = new Redis(sandbox.port());
    });
    afterAll(() => client.disconnect());

    it('sets and gets', async () => {
      expect(await client.set('io', 'redis')).toBe('OK');
      expect(await client.get('io')).toBe('redis');
      expect(await client.getBuffer('io')).toEqual(Buffer.from('redis'));
      expect(await client.get('io nothing')).toBe(null);
      expect(await client.exists('io', 'io nothing')).toBe(1);
    });

    it('sends a pipeline, and hears of each command in its turn', async () => {
      const pipeline = client.pipeline();
      for (let at = 0; at < 100; at++) pipeline.set(`io ${at % 10}`, at).get(`io ${at % 10}`);
      const replies = await pipeline.exec();
      expect(replies?.filter((_, at) => at % 2 === 1)).toEqual(
        Array.from({ length: 100 }, (_, at) => [null, `${at}`]),
      );
    });

    it('walks over all keys', async () => {
      const found: string[] = [];
      const stream = client.scanStream({ match: 'io ?', count: 3 });
      for await (const keys of stream) found.push(...keys);
      expect(found.sort()).toEqual(Array.from({ length: 10 }, (_, at) => `io ${at}`));
    });

    it('fails with its own errors', async () => {
      const failure = await client.call('nonsense', 'a').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ReplyError);
      expect(failure).toMatchObject({ message: /^ERR unknown command 'nonsense'/ });
    });

    it.runIf(isAtomic(mode))('transacts', async () => {
      await client.set('io account', 10);
      const replies = await client.multi().decrby('io account', 3).get('io account').exec();
      expect(replies).toEqual([
        [null, 7],
        [null, '7'],
      ]);
    });

    it.runIf(isAtomic(mode))('does nothing where what it watches has changed', async () => {
      const other = client.duplicate();
      await client.watch('io account');
      await other.incr('io account');
      expect(await client.multi().set('io account', 0).exec()).toBe(null);
      expect(await client.get('io account')).toBe('8');
      other.disconnect();
    });

    it.runIf(!isAtomic(mode))('is told what the mode cannot make atomic', async () => {
      await expect(client.incr('io')).rejects.toThrow(
        `ERR INCR is not atomic in mode ${mode}; it is in 2pc and paxos`,
      );
    });
  });
}
