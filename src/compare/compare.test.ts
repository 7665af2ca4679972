/** Small comparisons in the simulator, as they are printed. */
import { expect, test } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { parseScript } from '../scenario/parser.js';
import { SimTarget } from '../targets/sim.js';
import { contendersOf } from './contenders.js';
import type { Faults } from './faults.js';
import { planLoad } from './plan.js';
import { type Comparison, compareAnswer, compareDocument, compareLines } from './report.js';
import { type Compared, runContender } from './run.js';

const words = { clients: 4, rate: 80, reads: '50%', keys: 2, timeout: '300ms', duration: '3s' };
const contenders = contendersOf(['2pc', 'gossip'], [flagSetting('nodes', 3, '-n')]);

async function comparison(faults: Faults, seed = 1): Promise<Comparison> {
  const plan = planLoad(words, seed);
  const compared: Compared[] = [];
  for (const contender of contenders) {
    const target = new SimTarget({ afterPromises: setImmediate, seed });
    const { signal } = new AbortController();
    compared.push(await runContender({ contender, target, plan, faults, signal }));
    await target.close();
  }
  return { plan, nodeCount: 3, runtime: 'sim', compared };
}

test('the same seed gives the same table, with what gave way', async () => {
  const first = await comparison({ type: 'leader cut off' });
  const again = await comparison({ type: 'leader cut off' });
  expect(JSON.stringify(compareDocument(again))).toBe(JSON.stringify(compareDocument(first)));

  const [twopc, gossip] = first.compared as [Compared, Compared];
  expect(twopc.availability.during).toBeLessThan(0.05);
  expect(twopc.availability.after).toBeGreaterThan(0.5);
  expect(twopc.report.models).toContainEqual(
    expect.objectContaining({ model: 'linearizable', verdict: 'holds' }),
  );
  expect(twopc).toMatchObject({ staleness: null, writes: { lost: 0, conflicting: 0 } });
  expect(gossip.availability.during).toBeGreaterThan(0.99);
  expect(gossip.staleness?.staleReads).toBeGreaterThan(0);
  expect(gossip.promised).toEqual({ model: 'eventual', verdict: 'holds', why: null });
  for (const { perOperation, faults } of first.compared) {
    expect(perOperation?.messages).toBeGreaterThan(1);
    expect(perOperation?.syncs).toBeGreaterThan(0.5);
    expect(faults.map(({ beganAt, endedAt }) => [beganAt / 1e9, endedAt / 1e9])).toEqual([
      [expect.closeTo(1, 1), expect.closeTo(2, 1)],
    ]);
  }

  for (const width of [80, 60, 40]) {
    const lines = compareLines(first, { width });
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    const text = lines.join('\n');
    expect(text).toContain('faults: isolate n1 (1 s to 2 s)');
    expect(text).toMatch(/^2pc: Availability gave way: clients\s+were\s+served/m);
    expect(text.replace(/\s+/g, ' ')).toMatch(/gossip: Consistency gave way: .*Not linearizable: /);
  }
  expect(compareAnswer(first.compared)).toBe('yes');
});

test('a broken promise is a no, and said first', async () => {
  const plan = planLoad(words, 1);
  const fine = await comparison({ type: 'nemesis', names: ['slow-disk'], everyMs: 500 });
  const [twopc, gossip] = fine.compared as [Compared, Compared];
  const promised = { model: 'linearizable', verdict: 'violated', why: 'stale' } as const;
  const broken = { ...gossip, promised };
  expect(compareAnswer([twopc, broken])).toBe('no');
  expect(compareAnswer([{ ...twopc, promised: { ...promised, verdict: 'unknown' } }])).toBe(
    'unknown',
  );
  const shown = { plan, nodeCount: 3, runtime: 'sim', compared: [broken] };
  expect(compareLines(shown, { width: 100 }).join('\n')).toContain(
    'gossip: It broke its promise, linearizable: stale.',
  );
});

test('a scenario breaks what it says, and what it leaves is mended', async () => {
  const text = 'wait 1s\nput other 1\nnode kill n2\nexpect get other --timeout 300ms == 2';
  const programs = new Map(
    contenders.map((contender) => {
      const options = { source: 's.kvx', spec: contender.spec, attached: true };
      return [contender, parseScript(text, options)];
    }),
  );
  const { compared } = await comparison({ type: 'script', programs });
  for (const { scriptProblem, faults, report } of compared) {
    expect(scriptProblem).toContain('s.kvx:4');
    expect(faults.map(({ words: said }) => said)).toEqual(['node kill n2']);
    expect(report.models.find(({ model }) => model === 'eventual')?.verdict).toBe('holds');
  }
});
