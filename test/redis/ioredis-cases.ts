/** The npm package `ioredis`. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisSandbox } from './redis-sandbox.js';

export function ioredisCases(sandbox: RedisSandbox): void {
  describe('ioredis', () => {
    let client: Redis;
    beforeAll(() => {
      client = new Redis({ port: sandbox.port(), protocol: 2, enableReadyCheck: false });
    });
    afterAll(() => client.disconnect());

    it('sets and gets', async () => {
      expect(await client.set('io', 'redis')).toBe('OK');
      expect(await client.get('io')).toBe('redis');
      expect(await client.getBuffer('io')).toEqual(Buffer.from('redis'));
      expect(await client.get('io nothing')).toBe(null);
    });

    it('sends a pipeline, and hears of each command in its turn', async () => {
      const pipeline = client.pipeline();
      for (let at = 0; at < 200; at++) pipeline.set(`io ${at % 20}`, at).get(`io ${at % 20}`);
      const replies = await pipeline.exec();
      expect(replies?.filter((_, at) => at % 2 === 1)).toEqual(
        Array.from({ length: 200 }, (_, at) => [null, `${at}`]),
      );
    });
  });
}
