/**
 * The worst that is legal (`src/runtime/worst-reads.ts`): histories of real clients keep to what is promised at their
 * levels, and to nothing that is stronger. As they usually are, the same clusters keep to all models.
 */
import { describe, expect, it } from 'vitest';
import { judgeModels } from '../../src/check/check.js';
import type { ModelName } from '../../src/check/models.js';
import { Client } from '../../src/client/client.js';
import { readFinally } from '../../src/client/final-reads.js';
import { Session } from '../../src/client/session.js';
import { flagSetting } from '../../src/config/problem.js';
import { resolveSpec } from '../../src/config/resolve.js';
import { keyFromText } from '../../src/core/key.js';
import { SeededRandom } from '../../src/core/random.js';
import { simulate } from '../../src/explore/simulate.js';
import { MemoryHistory } from '../../src/history/recorder/memory-history.js';
import { Recorder } from '../../src/history/recorder/recorder.js';
import { profileOf } from '../../src/protocols/catalog.js';
import { worstReadsLimits } from '../../src/runtime/worst-reads.js';
import { SimTarget } from '../../src/targets/sim.js';

interface Run {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hasSessions?: boolean;
}

const { lagMs, ownMs } = worstReadsLimits;
const clientCount = 4;
const operationsEach = 40;
const keys = ['a', 'b'].map(keyFromText);
const models: readonly ModelName[] = [
  ...(['linearizable', 'regular', 'read-your-writes', 'monotonic-reads', 'eventual'] as const),
];

/** Clients of one node, each doing one thing after another; the models that their history violates. */
async function play({ settings, hasSessions = false }: Run, seed: number): Promise<ModelName[]> {
  const target = new SimTarget({ afterPromises: setImmediate, seed });
  const spec = resolveSpec(
    Object.entries(settings).map(([name, value]) => flagSetting(name, value, name)),
  );
  await target.up(spec);
  const random = new SeededRandom(seed);
  const { timing } = target;
  const memory = new MemoryHistory();
  const recorder = new Recorder({ sink: memory, now: () => timing.now() });
  const { exactlyOnce, sessions: sessionSupport } = profileOf(spec.mode);
  const work = async (at: number): Promise<void> => {
    const client = new Client(() => target.endpoints(), {
      ...{ timing, timeoutMs: 2_000, exactlyOnce, sessionSupport },
      session: hasSessions ? new Session() : null,
      record: recorder.client(`c${at}`),
    });
    for (const key of keys) await client.execute({ type: 'get', key }, { node: 'n1' });
    await timing.sleep(ownMs);
    for (let nth = 0; nth < operationsEach; nth++) {
      const key = random.pick(keys);
      const put = { type: 'put', key, value: Buffer.from(`${at}-${nth}`) } as const;
      const operation = random.chance(0.6) ? ({ type: 'get', key } as const) : put;
      await client.execute(operation, { node: 'n1' });
      if (random.chance(0.2)) await timing.sleep(random.next() * 5);
    }
    client.close();
  };
  await Promise.all(Array.from({ length: clientCount }, (_, at) => work(at)));
  await timing.sleep(lagMs);
  const { signal } = new AbortController();
  await readFinally(target.endpoints(), { recorder, timing, signal, convergeMs: 0 });
  const reports = judgeModels(memory.history(), models, { quietMs: lagMs });
  return reports.flatMap(({ model, verdict }) => (verdict === 'violated' ? [model] : []));
}

async function violated(run: Run): Promise<ReadonlySet<ModelName>> {
  const found = await Promise.all([1, 2].map((seed) => play(run, seed)));
  return new Set(found.flat());
}

const cluster = (mode: string, levels: object = {}) => ({ mode, nodes: 3, ...levels });
const weak = ['linearizable', 'regular', 'read-your-writes', 'monotonic-reads'];

describe('the worst that is legal', () => {
  const one = { read: 'one', write: 'one' };
  const linearizable = { read: 'linearizable', write: 'linearizable' };
  it.each<[string, Run['settings'], readonly string[]]>([
    ['gossip', cluster('gossip'), weak],
    ['paxos, local', cluster('paxos', { read: 'local' }), weak],
    ['paxos, leader', cluster('paxos', { read: 'leader' }), weak],
    ['paxos, linearizable', cluster('paxos'), []],
    ['2pc', cluster('2pc'), []],
    ['quorum, one replica', cluster('quorum', one), weak],
    ['quorum, quorums', cluster('quorum'), ['linearizable', 'monotonic-reads']],
    ['quorum, linearizable', cluster('quorum', linearizable), []],
    [
      'quorum, one of all',
      cluster('quorum', { read: 'one', write: 'all' }),
      ['linearizable', 'monotonic-reads'],
    ],
  ])('of mode %s', async (_, settings, broken) => {
    expect([...(await violated({ settings: { ...settings, reads: 'worst:3' } }))].sort()).toEqual(
      [...broken].sort(),
    );
    expect(await violated({ settings })).toEqual(new Set());
  });

  const stale = ['linearizable', 'regular'];
  it.each<[string, Run['settings'], readonly string[]]>([
    ['gossip', cluster('gossip'), stale],
    ['paxos', cluster('paxos', { read: 'local' }), stale],
    ['quorum, one replica', cluster('quorum', one), stale],
    ['quorum, quorums', cluster('quorum'), ['linearizable']],
  ])('keeps to sessions, mode %s', async (_, settings, broken) => {
    const run = { settings: { ...settings, reads: 'worst' }, hasSessions: true };
    expect([...(await violated(run))].sort()).toEqual(broken);
  });

  it.each([
    ['gossip', {}],
    ['paxos', {}],
    ['quorum', one],
    ['quorum', { read: 'quorum', write: 'quorum' }],
    ['quorum', { read: 'one', write: 'all' }],
  ])('keeps to it while everything breaks, mode %s %o', (mode, levels: Partial<typeof one>) => {
    const { read, write } = levels;
    const workload =
      read && write ? { readLevels: [read as 'one'], writeLevels: [write as 'one'] } : {};
    for (let seed = 1; seed <= 2; seed++) {
      const { violations } = simulate({ mode, seed, worst: true, modeOptions: levels, workload });
      expect(violations, `seed ${seed}`).toEqual([]);
    }
  });
});
