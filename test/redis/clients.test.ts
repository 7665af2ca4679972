/** Redis clients as they are, against nodes of every mode. */
import { afterAll, beforeAll, describe } from 'vitest';
import { ioredisCases } from './ioredis-cases.js';
import { nodeRedisCases } from './node-redis-cases.js';
import { modeNames, RedisSandbox } from './redis-sandbox.js';
import { redisToolsCases } from './tools-cases.js';

describe.each(modeNames)('%s', (mode) => {
  const sandbox = new RedisSandbox();
  beforeAll(() => sandbox.up(mode));
  afterAll(() => sandbox.cleanUp());
  redisToolsCases(sandbox);
  ioredisCases(sandbox);
  nodeRedisCases(sandbox);
});
