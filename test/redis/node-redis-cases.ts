/** The npm package `redis`. */
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RedisSandbox } from './redis-sandbox.js';

export function nodeRedisCases(sandbox: RedisSandbox): void {
  describe('redis', () => {
    const connected = async () => {
      const client = createClient({ socket: { port: sandbox.port() }, RESP: 2 });
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
    });

    it('sends what is asked in one tick at once, and hears of each in its turn', async () => {
      const asked = Array.from({ length: 200 }, async (_, at) => {
        await client.set(`node ${at}`, at);
        return await client.get(`node ${at}`);
      });
      expect(await Promise.all(asked)).toEqual(Array.from({ length: 200 }, (_, at) => `${at}`));
    });
  });
}
