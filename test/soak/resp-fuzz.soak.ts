/**
 * Ten million inputs for the parser of what Redis clients send, and some of them to a real node: whatever comes, it does not
 * crash, reads past no limit, answers a protocol error and hangs up, and another client goes on. `KVX_INPUTS` says how many,
 * `KVX_SEED` which: `KVX_INPUTS=100000 npx vitest run --config test/soak/vitest.config.ts resp-fuzz`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { parsedNaively } from '../../src/resp/testing/naive-parser.js';
import { runCampaign } from '../fuzz/campaign.js';
import { Mutator } from '../fuzz/mutate.js';
import { requestBytes, requestSources, requestsOfRedisClients } from '../fuzz/resp.js';
import { RedisSandbox } from '../redis/redis-sandbox.js';

const inputs = Number(process.env['KVX_INPUTS'] ?? 10_000_000);
const seed = Number(process.env['KVX_SEED'] ?? 1);

it(`seed ${seed}`, async () => {
  const report = await runCampaign(requestsOfRedisClients, seed, inputs);
  console.log(JSON.stringify(report));
  expect(report.fault).toBe(null);
  expect(report.heapGrowthBytes).toBeLessThan(64 * 1024 ** 2);
  expect(report.residentBytes).toBeLessThan(1024 ** 3);
});

/** What the node says until it hangs up; the client hangs up its own end once all is sent. */
async function said(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket.end(bytes);
  await once(socket, 'close');
  return text;
}

async function ping(socket: Socket): Promise<void> {
  socket.write('PING\r\n');
  const [reply] = await once(socket, 'data');
  expect(`${reply}`).toBe('+PONG\r\n');
}

it('a real node', async () => {
  const count = Math.ceil(inputs / 500);
  const sandbox = new RedisSandbox();
  try {
    await sandbox.up('gossip');
    const neighbour = connect(sandbox.port(), '127.0.0.1');
    await once(neighbour, 'connect');
    const mutator = new Mutator(seed, requestSources);
    let refused = 0;
    for (let nth = 0; nth < count; nth++) {
      const bytes = requestBytes(mutator.next());
      const text = await said(sandbox.port(), bytes);
      const { problem } = parsedNaively(String.fromCharCode(...bytes), true);
      if (problem !== null) {
        refused++;
        const words = `-ERR ${problem.replace(/[\r\n]/g, ' ')}\r\n`;
        // What is no ASCII travels as UTF-8.
        if (/^[\0-\x7f]*$/.test(words)) expect(text.endsWith(words)).toBe(true);
      }
      if (nth % 10 === 0) await ping(neighbour);
    }
    console.log(JSON.stringify({ seed, count, refused }));
    expect(refused).toBeGreaterThan(count / 10);
    neighbour.destroy();
  } finally {
    sandbox.cleanUp();
  }
});
