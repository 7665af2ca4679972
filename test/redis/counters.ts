/**
 * Counters and transfers by several clients while nodes crash and links break: what was acknowledged has happened once, what
 * surely did not happen has not, and what may have happened has at most once.
 */
import { expect } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { between, noRules } from '../../src/faults/link-rules.js';
import type { Said } from './cases/redis-case.js';
import { RespSimulation, type SimRespClient } from './sim-cluster.js';

const nodes = ['n1', 'n2', 'n3'];
const clientCount = 8;
const commandsEach = 20;
const [balance, accounts] = [1000, ['one', 'two', 'three']];

interface Tally {
  acknowledged: number;
  unknown: number;
  unavailable: number;
  /** What acknowledged increments returned. */
  readonly returned: number[];
  transferred: number;
  /** Sums of what was read of all accounts at once. */
  readonly sums: number[];
}

const startsWith = (said: Said, text: string): boolean =>
  typeof said === 'string' && said.startsWith(text);

async function play(mode: string, seed: number): Promise<Tally & { readonly counted: number }> {
  const simulation = new RespSimulation(mode, seed, nodes);
  const { timing } = simulation.time;
  const random = new SeededRandom(seed);
  const tally: Tally = {
    ...{ acknowledged: 0, unknown: 0, unavailable: 0, transferred: 0, returned: [], sums: [] },
  };
  const first = await simulation.connect('n2');
  await settled(first, ['MSET', ...accounts.flatMap((each) => [each, `${balance}`])]);
  let working = clientCount;
  const clients = Array.from({ length: clientCount }, async (_, at) => {
    let client = await simulation.connect(nodes[at % nodes.length]);
    for (let nth = 0; nth < commandsEach; nth++) {
      if (random.chance(0.5)) await transfer(client, tally, random);
      else await increment(client, tally, random.chance(0.3));
      await timing.sleep(random.next() * 30);
      // Its node may be a new one meanwhile.
      const next = await simulation.connect(random.pick(nodes)).catch(() => null);
      client = next ?? client;
    }
    working--;
  });
  await Promise.all([...clients, breakThings(simulation, random, () => working > 0)]);
  simulation.cluster.setRules(noRules);
  simulation.cluster.start();
  await timing.sleep(5_000);
  const last = await simulation.connect('n2');
  const [counted, ...held] = (await settled(last, ['MGET', 'counter', ...accounts])) as string[];
  tally.sums.push(held.reduce((sum, each) => sum + Number(each), 0));
  return { ...tally, counted: Number(counted) };
}

/** As the server adds, or as clients of a plain store do: read, and write if nobody else has. */
async function increment(client: SimRespClient, tally: Tally, itself: boolean): Promise<void> {
  const said = itself ? await addOne(client) : await client.ask(['INCR', 'counter']);
  if (typeof said === 'number') {
    tally.acknowledged++;
    tally.returned.push(said);
  } else if (startsWith(said, '-UNKNOWN ')) tally.unknown++;
  else if (startsWith(said, '-UNAVAIL ')) tally.unavailable++;
  else if (said !== null) throw new Error(`increment: ${JSON.stringify(said)}`);
}

async function addOne(client: SimRespClient): Promise<Said> {
  const watched = await client.ask(['WATCH', 'counter']);
  if (startsWith(watched, '-')) return watched;
  const found = await client.ask(['GET', 'counter']);
  if (startsWith(found, '-')) return found;
  const next = Number(found) + 1;
  await client.ask(['MULTI']);
  await client.ask(['SET', 'counter', `${next}`]);
  const said = await client.ask(['EXEC']);
  return Array.isArray(said) ? next : said;
}

/** From one account to the other, as long as nobody touches that. */
async function transfer(client: SimRespClient, tally: Tally, random: SeededRandom): Promise<void> {
  const from = random.pick(accounts);
  const to = random.pick(accounts.filter((each) => each !== from));
  const amount = `${1 + random.below(9)}`;
  if (startsWith(await client.ask(['WATCH', from]), '-')) return;
  await client.ask(['MULTI']);
  await client.ask(['DECRBY', from, amount]);
  await client.ask(['INCRBY', to, amount]);
  await client.ask(['MGET', ...accounts]);
  const said = await client.ask(['EXEC']);
  if (said === null || startsWith(said, '-UN')) return;
  const [, , held] = said as readonly [number, number, readonly string[]];
  tally.transferred++;
  tally.sums.push(held.reduce((sum, each) => sum + Number(each), 0));
}

/** Until it is neither unavailable nor unknown: for what may happen twice. */
async function settled(client: SimRespClient, words: readonly string[]): Promise<Said> {
  for (;;) {
    const said = await client.ask(words);
    if (!startsWith(said, '-')) return said;
  }
}

async function breakThings(
  { cluster, time }: RespSimulation,
  random: SeededRandom,
  goOn: () => boolean,
): Promise<void> {
  while (goOn()) {
    await time.timing.sleep(random.next() * 150);
    const node = random.pick(nodes);
    if (random.chance(0.5)) {
      cluster.host(node).crash(random.chance(0.5) ? 'kill' : 'power');
      await time.timing.sleep(random.next() * 300);
      cluster.host(node).start();
    } else {
      cluster.setRules({ ...noRules, cuts: between([node], nodes) });
      // Sometimes for longer than anybody waits.
      await time.timing.sleep(random.chance(0.2) ? 6_000 : random.next() * 800);
      cluster.setRules(noRules);
    }
  }
}

/** Throws where something happened twice or not at all. */
export async function countUp(mode: string, seed: number): Promise<Tally> {
  const end = await play(mode, seed);
  const { acknowledged, unknown, counted, returned, sums } = end;
  const where = `mode ${mode}, seed ${seed}`;
  expect(new Set(returned).size, where).toBe(returned.length);
  expect(counted, where).toBeGreaterThanOrEqual(acknowledged);
  expect(counted, where).toBeLessThanOrEqual(acknowledged + unknown);
  expect(Math.max(...returned), where).toBeLessThanOrEqual(counted);
  expect(new Set(sums), where).toEqual(new Set([accounts.length * balance]));
  return end;
}
