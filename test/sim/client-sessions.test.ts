/** Sessions of the client library under faults: what they are told must keep to what they promise. */
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/client/client.js';
import { Session } from '../../src/client/session.js';
import { flagSetting } from '../../src/config/problem.js';
import { resolveSpec } from '../../src/config/resolve.js';
import type { ClusterSpec } from '../../src/config/spec.js';
import { keyFromText } from '../../src/core/key.js';
import type { KeyOperation, Level } from '../../src/core/operation.js';
import { SeededRandom } from '../../src/core/random.js';
import { type Guarantee, guarantees } from '../../src/core/session.js';
import { breakLink } from '../../src/faults/partition.js';
import { breaking, healing } from '../../src/faults/testing/change.js';
import { profileOf } from '../../src/protocols/catalog.js';
import { SimTarget } from '../../src/targets/sim.js';
import { type Asked, brokenGuarantees } from './broken-guarantees.js';

interface Run {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly readLevels: readonly (Level | null)[];
  /** `null`: clients without a session. */
  readonly guarantees: readonly Guarantee[] | null;
}

interface Ended {
  readonly answered: number;
  readonly behind: number;
  readonly violations: readonly string[];
}

const clientCount = 3;
const operationsEach = 60;
const keys = ['a', 'b', 'c'].map(keyFromText);

async function play({ settings, readLevels, guarantees: kept }: Run, seed: number): Promise<Ended> {
  const target = new SimTarget({ afterPromises: setImmediate, seed });
  const spec = resolveSpec(
    Object.entries(settings).map(([name, value]) => flagSetting(name, value, name)),
  );
  await target.up(spec);
  const random = new SeededRandom(seed);
  const history: Asked[] = [];
  let working = clientCount;
  const clients = Array.from({ length: clientCount }, async (_, at) => {
    const session = kept === null ? null : new Session(kept);
    const client = new Client(() => target.endpoints(), {
      ...{ timing: target.timing, timeoutMs: 400, session },
      exactlyOnce: profileOf(spec.mode).exactlyOnce,
      sessionSupport: profileOf(spec.mode).sessions,
    });
    for (let nth = 0; nth < operationsEach; nth++) {
      const operation = draw(random, `${at}-${nth}`);
      const level = operation.type === 'get' ? random.pick(readLevels) : null;
      const only = random.chance(0.5) ? { node: random.pick(spec.nodes) } : {};
      const start = random.below(spec.nodes.length);
      const invokedAt = target.timing.now();
      const { node, result } = await client.execute(operation, { level, start, ...only });
      const returnedAt = target.timing.now();
      const entry = { client: at, node: node ?? '', operation, level, result };
      history.push({ ...entry, invokedAt, returnedAt });
      await target.timing.sleep(random.next() * 20);
    }
    working--;
  });
  const faults = causeFaults(target, spec, random, () => working > 0);
  await Promise.all([...clients, faults]);
  const results = history.map(({ result }) => result);
  return {
    answered: results.filter((result) => result?.type !== 'error').length,
    behind: results.filter((result) => result?.type === 'error' && result.code === 'behind').length,
    violations: brokenGuarantees(history),
  };
}

function draw(random: SeededRandom, text: string): KeyOperation {
  const key = random.pick(keys);
  const value = Buffer.from(text);
  const lot = random.next();
  if (lot < 0.5) return { type: 'get', key };
  if (lot < 0.8) return { type: 'put', key, value };
  if (lot < 0.9) return { type: 'delete', key };
  return { type: lot < 0.95 ? 'insert' : 'update', key, value };
}

/** Links break and heal, nodes die and come back. */
async function causeFaults(
  target: SimTarget,
  { nodes }: ClusterSpec,
  random: SeededRandom,
  goOn: () => boolean,
): Promise<void> {
  while (goOn()) {
    await target.timing.sleep(random.next() * 200);
    const [a, b] = [random.pick(nodes), random.pick(nodes)];
    const lot = random.next();
    if (lot < 0.6 && a !== b) {
      const cut = breaking((faults) => breakLink(faults, [a, b], nodes), `fault break ${a} ${b}`);
      await target.changeFaults(cut);
    } else if (lot < 0.8) await target.changeFaults(healing);
    else await target.control.restart(a);
  }
}

async function playSeeds(run: Run, seeds: number): Promise<Ended> {
  const all: Ended[] = [];
  for (let seed = 1; seed <= seeds; seed++) all.push(await play(run, seed));
  const sum = (figure: (ended: Ended) => number) =>
    all.reduce((so, ended) => so + figure(ended), 0);
  return {
    answered: sum(({ answered }) => answered),
    behind: sum(({ behind }) => behind),
    violations: all.flatMap(({ violations }) => violations),
  };
}

const seeds = Number(process.env['KVX_SEEDS'] ?? 10);
const quorum = { mode: 'quorum', nodes: 3, read: 'one', write: 'one', graceMs: 300 };
const both: readonly Guarantee[] = ['read-your-writes', 'monotonic-reads'];

/** Those of the checks that this run promises. */
const broken = ({ violations }: Ended, promised: readonly Guarantee[]) =>
  violations.filter((check) => promised.includes(check.replaceAll(' ', '-') as Guarantee));

describe('sessions', () => {
  it.each<[string, Run]>([
    ['quorum, one replica', { settings: quorum, readLevels: [null], guarantees: both }],
    [
      'paxos, stale reads allowed',
      {
        settings: { mode: 'paxos', nodes: 3 },
        readLevels: ['local', 'leader', null],
        guarantees: guarantees,
      },
    ],
    [
      'gossip',
      { settings: { mode: 'gossip', nodes: 3 }, readLevels: [null], guarantees: guarantees },
    ],
  ])(
    'of mode %s keep what they promise, whatever breaks',
    async (_, run) => {
      const ended = await playSeeds(run, seeds);
      expect(broken(ended, run.guarantees ?? [])).toEqual([]);
      expect(ended.answered).toBeGreaterThan(seeds * 50);
      expect(ended.behind).toBeGreaterThan(0);
    },
    120_000,
  );

  it.each([
    ['quorum', { settings: quorum, readLevels: [null], guarantees: null }],
    ['gossip', { settings: { mode: 'gossip', nodes: 3 }, readLevels: [null], guarantees: null }],
  ])(
    'are missed where there are none: mode %s',
    async (_, run) => {
      const ended = await playSeeds(run, 5);
      expect(broken(ended, both).length).toBeGreaterThan(0);
    },
    60_000,
  );
});
