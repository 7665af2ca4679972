/**
 * What becomes of INCR when the node that it was sent to is killed with SIGKILL and started again, by the client and its
 * options: the table of docs/redis.md. Every INCR has a counter of its own, whose value says afterwards how often it was
 * done. `KVX_REWRITE=1` writes the table into the page.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { markdownTable } from '../../scripts/bench/figures.js';
import { freePorts } from '../../scripts/bench/ports.js';
import { RedisSandbox } from '../redis/redis-sandbox.js';
import { type ClientSetup, type Counting, clientSetups } from './redis-clients.js';

const page = join(import.meta.dirname, '../../docs/redis.md');
const [from, to] = ['<!-- clients under faults -->', '<!-- end of clients under faults -->'];

const clientCount = 8;
/** By one client at a time. */
const underWay = 8;
const kills = 6;
const [upMs, downMs] = [400, 200];
/** After that an application goes on, though it has heard nothing; and after something has failed. */
const [patienceMs, pauseMs] = [2000, 100];

/** What INCRs are sent to. */
interface Counters {
  readonly name: string;
  readonly ports: readonly number[];
  /** `nth`: of its nodes, from 0. */
  kill(nth: number): Promise<void>;
  restart(nth: number): Promise<void>;
  stop(): Promise<void>;
}

async function kvxCounters(mode: 'paxos' | '2pc'): Promise<Counters> {
  const sandbox = new RedisSandbox();
  await sandbox.up(mode, 'processes', mode === 'paxos' ? ['--priority', 'n1'] : []);
  return {
    name: mode,
    ports: sandbox.ports,
    kill: async (nth) => void (await sandbox.mustMeanwhile(['node', 'kill', `n${nth + 1}`])),
    restart: async (nth) => void (await sandbox.mustMeanwhile(['node', 'restart', `n${nth + 1}`])),
    stop: async () => sandbox.cleanUp(),
  };
}

async function redisCounters(): Promise<Counters> {
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'kvx-redis-'));
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const where = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder];
  const start = () => spawn('redis-server', [...where, ...durable], { stdio: 'ignore' });
  let server = start();
  const kill = async () => {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };
  return {
    name: 'Redis',
    ports: [port],
    kill,
    restart: async () => {
      server = start();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a client said of one INCR. */
type Said = 'done' | 'unavailable' | 'unknown' | 'failed' | 'nothing';

function saidBy(error: Error): Said {
  if (error.message.startsWith('UNAVAIL ')) return 'unavailable';
  if (error.message.startsWith('UNKNOWN ')) return 'unknown';
  return 'failed';
}

/**
 * Sends INCR after INCR until `isOver`, each to a new counter; what was said of each is written into `said`. Those that have
 * heard nothing by then have some seconds more.
 */
async function count(
  counting: Counting,
  nameOf: () => string,
  isOver: () => boolean,
  said: Map<string, Said>,
): Promise<void> {
  const waiting = new Set<Promise<unknown>>();
  const one = async () => {
    while (!isOver()) {
      const key = nameOf();
      said.set(key, 'nothing');
      const patience = new AbortController();
      const asked = counting.incr(key).then((): Said => 'done', saidBy);
      const heard = asked.then((what) => {
        said.set(key, what);
        patience.abort();
        waiting.delete(heard);
        return what;
      });
      waiting.add(heard);
      const silence = delay(patienceMs, null, { signal: patience.signal }).catch(() => null);
      if ((await Promise.race([heard, silence])) !== 'done') await delay(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: underWay }, one));
  await Promise.race([Promise.all(waiting), delay(3 * patienceMs)]);
}

/** How often each counter was counted up. */
async function timesOf(port: number, keys: readonly string[]): Promise<number[]> {
  const client = new Redis({ port });
  const times: number[] = [];
  try {
    for (let at = 0; at < keys.length; at += 500) {
      const values = await client.mget(keys.slice(at, at + 500));
      times.push(...values.map(Number));
    }
  } finally {
    client.disconnect();
  }
  return times;
}

interface Outcome {
  readonly acknowledged: number;
  readonly lost: number;
  readonly twice: number;
  /** By what was said, of those not acknowledged: how many, and how many of them were done. */
  readonly others: ReadonlyMap<Said, { readonly count: number; readonly done: number }>;
}

function outcomeOf(said: ReadonlyMap<string, Said>, times: readonly number[]): Outcome {
  const sum = { acknowledged: 0, lost: 0, twice: 0 };
  const others = new Map<Said, { count: number; done: number }>();
  [...said.values()].forEach((what, at) => {
    const done = times[at] as number;
    if (done > 1) sum.twice++;
    if (what === 'done') {
      sum.acknowledged++;
      if (done === 0) sum.lost++;
      return;
    }
    const other = others.get(what) ?? { count: 0, done: 0 };
    others.set(what, { count: other.count + 1, done: other.done + Math.min(done, 1) });
  });
  return { ...sum, others };
}

async function tried(setup: ClientSetup, counters: Counters, run: number): Promise<Outcome> {
  const { ports } = counters;
  const countings = await Promise.all(Array.from({ length: clientCount }, () => setup.open(ports)));
  let isOver = false;
  let last = 0;
  const said = new Map<string, Said>();
  const nameOf = () => `counter ${run} ${++last}`;
  const counted = Promise.all(countings.map((each) => count(each, nameOf, () => isOver, said)));
  for (let kill = 0; kill < kills; kill++) {
    const victim = setup.turns ? kill % ports.length : 0;
    await delay(upMs);
    await counters.kill(victim);
    await delay(downMs);
    await counters.restart(victim);
  }
  await delay(upMs);
  isOver = true;
  await counted;
  const heard = new Map(said);
  for (const each of countings) each.close();
  return outcomeOf(heard, await timesOf(ports.at(-1) as number, [...heard.keys()]));
}

const systems = [() => kvxCounters('paxos'), () => kvxCounters('2pc'), redisCounters];
const titleOf = ({ client, options }: ClientSetup): string => `\`${client}\`, ${options}`;

/** `12 (3)`: so many, and how many of them were done all the same. */
function notAcknowledged({ others }: Outcome): string {
  const { nothing, ...said } = Object.fromEntries(others);
  const failed = { count: 0, done: 0 };
  for (const { count, done } of Object.values(said)) {
    failed.count += count;
    failed.done += done;
  }
  const parts = [
    ...(failed.count > 0 ? [`${failed.count} (${failed.done})`] : []),
    ...(nothing === undefined ? [] : [`never answered: ${nothing.count} (${nothing.done})`]),
  ];
  return parts.join('; ') || '0';
}

function tableOf(outcomes: ReadonlyMap<string, ReadonlyMap<string, Outcome>>): string {
  const names = ['paxos', '2pc', 'Redis'];
  const head = names.flatMap((name) => [`${name}: done twice`, 'failed (done)']);
  const rows = [...outcomes].map(([title, ofSystem]) => [
    title,
    ...names.flatMap((name) => {
      const outcome = ofSystem.get(name);
      return outcome === undefined ? ['', ''] : [`${outcome.twice}`, notAcknowledged(outcome)];
    }),
  ]);
  const all = [...outcomes.values()].flatMap((ofSystem) => [...ofSystem.values()]);
  const acknowledged = all.reduce((sum, each) => sum + each.acknowledged, 0);
  const lost = all.reduce((sum, each) => sum + each.lost, 0);
  const sum = `Acknowledged: ${acknowledged.toLocaleString('en-US')} INCR in all; of these lost: ${lost}.`;
  return `${markdownTable(['client and its options', ...head], rows)}\n\n${sum}`;
}

function writeDown(table: string): void {
  const text = readFileSync(page, 'utf8');
  const [begin, end] = [text.indexOf(from), text.indexOf(to)];
  writeFileSync(page, `${text.slice(0, begin)}${from}\n\n${table}\n\n${text.slice(end)}`);
}

test('nothing acknowledged is lost, and only clients that repeat count twice', async () => {
  const outcomes = new Map<string, Map<string, Outcome>>(
    clientSetups.map((setup) => [titleOf(setup), new Map()]),
  );
  for (const open of systems) {
    const counters = await open();
    try {
      for (const [run, setup] of clientSetups.entries()) {
        if (setup.turns && counters.ports.length === 1) continue;
        const outcome = await tried(setup, counters, run);
        const title = titleOf(setup);
        console.log(counters.name, title, outcome);
        outcomes.get(title)?.set(counters.name, outcome);
        expect(outcome.lost, title).toBe(0);
        if (setup.repeats) continue;
        expect(outcome.twice, title).toBe(0);
        // To whom it was said once: of a client that repeats it is the end of the last attempt.
        expect(outcome.others.get('unavailable')?.done ?? 0, title).toBe(0);
      }
    } finally {
      await counters.stop();
    }
  }
  const table = tableOf(outcomes);
  console.log(table);
  const asItComes = outcomes.get(titleOf(clientSetups[0] as ClientSetup)) ?? new Map();
  expect([...asItComes.values()].every(({ twice }) => twice > 0)).toBe(true);
  if (process.env['KVX_REWRITE'] !== undefined) writeDown(table);
}, 600_000);
