import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import type { Step } from '../../history/history.js';
import { timedStages, unlimited } from '../budget.js';
import { type TransactionModel, transactionModels } from './anomaly.js';
import { judgeTransactions } from './elle.js';
import { compareMany, misjudged } from './testing/compare.js';
import { type Drawn, historyOf } from './testing/histories.js';

const judge = (drawn: readonly Drawn[]) => judgeTransactions(historyOf(drawn), () => unlimited);

test('random transactions are judged as the definitions of the levels judge them, and so is the evidence', () => {
  const counts = compareMany(1, 1200, () => unlimited);
  for (const [model, { holds, violated, unknown }] of counts) {
    expect(unknown, model).toBe(0);
    expect(Math.min(holds, violated), model).toBeGreaterThan(50);
  }
});

const [x, y] = [0, 1];
const r = (key: number, value: number | readonly number[]): Step => ({ f: 'r', key, value });
const w = (key: number, value: number): Step => ({ f: 'w', key, value });
const append = (key: number, value: number): Step => ({ f: 'append', key, value });

/** All at the same time, each by a client of its own. */
const together = (...all: Step[][]): Drawn[] =>
  all.map((steps, process) => ({ process, outcome: 'ok', start: 0, end: 9, steps }));
/** One after the other. */
const inTurn = (...all: Step[][]): Drawn[] =>
  together(...all)
    .map((one, at) => ({ ...one, start: 10 * at }) satisfies Drawn)
    .map((one) => ({ ...one, end: one.start + 5 }));

const allHold = transactionModels.map(() => 'holds').join();

/** The weakest model that is violated, and how. */
function weakest(drawn: readonly Drawn[]): string {
  const judgements = [...judge(drawn)];
  const found = judgements.find(([, { type }]) => type === 'violated');
  const judgement = found?.[1];
  return judgement?.type === 'violated'
    ? `${found?.[0]}: ${judgement.finding.anomaly}`
    : judgements.map(([, { type }]) => type).join();
}

describe('each anomaly has its name', () => {
  test.each<[string, Drawn[]]>([
    [
      'read-uncommitted: G0',
      together(
        [append(x, 1), append(y, 1)],
        [append(x, 2), append(y, 2)],
        [r(x, [1, 2]), r(y, [2, 1])],
      ),
    ],
    ['read-uncommitted: phantom read', together([r(x, 5)])],
    ['read-uncommitted: duplicate elements', together([append(x, 1)], [r(x, [1, 1])])],
    [
      'read-uncommitted: own appends out of order',
      together([append(x, 1), append(x, 2)], [r(x, [2, 1])]),
    ],
    [
      'read-committed: G1a: aborted read',
      [...together([r(x, 1)]), { process: 1, outcome: 'fail', start: 0, end: 9, steps: [w(x, 1)] }],
    ],
    ['read-committed: G1b: intermediate read', together([w(x, 1), w(x, 2)], [r(x, 1)])],
    [
      'read-committed: G1b: intermediate read',
      together([append(x, 1), append(x, 2)], [r(x, [1])], [r(x, [1, 2])]),
    ],
    ['read-committed: G1c', together([w(x, 1), r(y, 2)], [w(y, 2), r(x, 1)])],
    [
      'read-committed: incompatible order',
      together([append(x, 1)], [append(x, 2)], [r(x, [1])], [r(x, [2])]),
    ],
    ['read-committed: internal', together([w(x, 1), r(x, 2)], [w(x, 2)])],
    ['read-committed: internal', together([append(x, 1), r(x, [2])], [append(x, 2)])],
    ['read-committed: internal', together([append(x, 1), r(x, [1, 2])], [append(x, 2)])],
    ['read-committed: future read', together([r(x, 1), w(x, 1)])],
    ['read-committed: future read', together([r(x, [1]), append(x, 1)])],
    ['read-atomic: non-repeatable read', together([w(x, 1)], [r(x, 0), r(x, 1)])],
    ['read-atomic: fractured read', together([append(x, 1), append(y, 1)], [r(x, [1]), r(y, [])])],
    [
      'read-atomic: fractured read',
      together([w(x, 1), w(y, 1)], [w(x, 2), w(y, 2)], [r(x, 1), r(y, 2)], [r(x, 2), r(y, 1)]),
    ],
    ['causal: stale causal read', together([w(x, 1)], [r(x, 1), w(y, 1)], [r(y, 1), r(x, 0)])],
    ['snapshot-isolation: lost update', together([r(x, 0), w(x, 1)], [r(x, 0), w(x, 2)])],
    [
      'snapshot-isolation: G-nonadjacent',
      together([w(x, 1)], [w(y, 1)], [r(x, 1), r(y, 0)], [r(x, 0), r(y, 1)]),
    ],
    ['serializable: G2-item', together([r(x, 0), w(y, 1)], [r(y, 0), w(x, 2)])],
    ['strict-serializable: G-single-realtime', inTurn([w(x, 1)], [w(x, 2)], [r(x, 1)])],
    [allHold, inTurn([append(x, 1)], [r(x, [1]), append(x, 2)], [r(x, [1, 2])])],
  ])('%s', (name, drawn) => {
    expect(weakest(drawn)).toBe(name);
  });

  test('a read from the past of the same client is one of its session', () => {
    const drawn = inTurn([w(x, 1)], [r(x, 0)]).map((one) => ({ ...one, process: 7 }));
    expect(weakest(drawn)).toBe('causal: stale causal read');
    expect(judge(drawn).get('strict-serializable')?.type).toBe('violated');
  });

  test('who failed and was seen, and who may have happened and was seen', () => {
    const info: Drawn = {
      ...{ process: 1, outcome: 'info', start: 5, end: Number.POSITIVE_INFINITY },
      steps: [w(x, 1), w(y, 1)],
    };
    expect(weakest([info, ...together([r(x, 1), r(y, 1)])])).toBe(allHold);
    expect(weakest([info, ...together([r(x, 1), r(y, 0)])])).toBe('read-atomic: fractured read');
    const before = together([r(x, 1)]).map((one) => ({ ...one, end: 4 }));
    expect(weakest([...before, info])).toBe('strict-serializable: G1c-realtime');
  });
});

test('a cycle is told edge by edge', () => {
  const judgement = judge(together([r(x, 0), w(y, 1)], [r(y, 0), w(x, 2)])).get('serializable');
  expect(judgement).toMatchObject({
    finding: {
      sentence: 'T1 before T2 before T1: no order of them explains what they saw',
      because: [
        "T1 before T2: T1 read x = nothing, without T2's 2",
        "T2 before T1: T2 read y = nothing, without T1's 1",
        expect.stringContaining('T1 is client 0'),
        expect.stringContaining('T2 is client 1'),
      ],
      operations: [0, 1],
    },
  });
});

test('many transactions that write one value are put in an order', () => {
  const twice = together(...Array.from({ length: 250 }, () => [w(x, 1), r(y, 0)]));
  expect(weakest([...twice, ...together([r(x, 1)])])).toBe(allHold);
});

test('no verdict on a key that is used in two ways', () => {
  const text = together([append(x, 1)], [r(x, 2)]);
  for (const [, judgement] of judge(text)) {
    expect(judgement).toMatchObject({ type: 'unknown', why: expect.stringContaining('key x') });
  }
});

test('limits end in unknown', () => {
  const budget = timedStages({
    timeoutMs: 1000,
    memoryBytes: 10,
    now: () => performance.now(),
  }).begin('');
  const judgements = judgeTransactions(historyOf(together([w(x, 1)])), () => budget);
  expect(judgements.get('strict-serializable' satisfies TransactionModel)).toEqual({
    ...{ type: 'unknown', why: 'memory limit' },
  });
});

test('4,000 transactions on lists, and one of them stale', () => {
  const lists = new Map<number, readonly number[]>();
  const random = new SeededRandom(1);
  const drawn = Array.from({ length: 4_000 }, (_, at): Drawn => {
    const key = Math.floor(at / 500) * 2 + random.below(2);
    const list = lists.get(key) ?? [];
    const isRead = random.chance(0.5);
    if (!isRead) lists.set(key, [...list, at + 1]);
    const steps = [isRead ? r(key, list) : append(key, at + 1)];
    return { process: at % 20, outcome: 'ok', start: at, end: at + 10, steps };
  });
  expect(weakest(drawn)).toBe(allHold);
  const late = drawn.findLastIndex(({ steps }) => steps[0]?.f === 'r');
  const [read] = drawn[late]?.steps ?? [];
  const list = read?.value as readonly number[];
  drawn[late] = { ...(drawn[late] as Drawn), steps: [r(read?.key ?? 0, list.slice(0, -40))] };
  const judgement = judge(drawn).get('strict-serializable');
  expect(judgement).toMatchObject({
    type: 'violated',
    finding: { anomaly: 'stale causal read' },
  });
  expect(judgement?.type === 'violated' && judgement.finding.operations.length).toBeLessThan(5);
});

/** All at the same time, on single values; each reads as it was some commits ago, and at times a bit earlier. */
function manyAtOnce(random: SeededRandom, count: number, keys: number): Drawn[] {
  const past: number[][] = Array.from({ length: keys }, () => [0]);
  let written = 0;
  const all = Array.from({ length: count }, () => {
    const back = random.below(3);
    return Array.from({ length: 3 }, (): Step => {
      const key = random.below(keys);
      const versions = past[key] as number[];
      const seen = versions[Math.max(0, versions.length - 1 - back)] as number;
      if (random.chance(0.5)) return r(key, seen);
      versions.push(++written);
      return w(key, written);
    });
  });
  return together(...all);
}

test('dozens of transactions at once are decided, also where it takes a search', () => {
  const random = new SeededRandom(1);
  const found: Record<string, number> = {};
  for (const count of [20, 30, 40]) {
    for (let round = 0; round < 15; round++) {
      const drawn = manyAtOnce(random, count, 5);
      for (const [model, judgement] of judge(drawn)) {
        const anomaly = judgement.type === 'violated' ? judgement.finding.anomaly : '';
        const name = `${model} ${judgement.type}${anomaly === 'no order' ? ' by search' : ''}`;
        found[name] = (found[name] ?? 0) + 1;
      }
    }
  }
  expect(Object.keys(found).filter((name) => name.includes('unknown'))).toEqual([]);
  expect(found['serializable violated by search']).toBeGreaterThan(0);
});

test('what may have happened is in the evidence, where what it read is of importance', () => {
  const info: Drawn = {
    ...{ process: 9, outcome: 'info', start: 3, end: Number.POSITIVE_INFINITY },
    steps: [r(y, 0), r(2, 0), w(x, 2)],
  };
  const drawn = [
    ...together(
      [r(x, 0), r(2, 0), w(y, 11), w(x, 1)],
      [r(2, 0), r(y, 11), r(x, 2), w(2, 21)],
      [r(2, 21), r(x, 2)],
      [w(y, 12), r(x, 1), w(y, 11)],
    ),
    info,
  ];
  expect(misjudged(drawn, () => unlimited)).toBeNull();
  const judgement = judge(drawn).get('snapshot-isolation');
  expect(judgement).toMatchObject({ finding: { operations: expect.arrayContaining([4]) } });
});
