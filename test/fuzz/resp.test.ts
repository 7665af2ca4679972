import { expect, it } from 'vitest';
import { runCampaign } from './campaign.js';
import { requestsOfRedisClients } from './resp.js';

it('requests of Redis clients: taken as a naive parser takes them, or refused in the same words', async () => {
  const { fault, taken, refused } = await runCampaign(requestsOfRedisClients, 1, 5000);
  expect(fault).toBe(null);
  expect(Math.min(taken, refused)).toBeGreaterThan(1000);
});
