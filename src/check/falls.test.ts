/** Since when a model does not hold, against a look at every prefix. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import type { History } from '../history/history.js';
import { check, judgeModels } from './check.js';
import { type Drawn, historyOf as transactionsOf } from './elle/testing/histories.js';
import { randomTransactions } from './elle/testing/random-transactions.js';
import { fallsOf } from './falls.js';
import type { ModelName } from './models.js';
import { type RandomOptions, randomRows } from './testing/random-rows.js';
import { recordedHistory } from './testing/recorded.js';
import { historyOf, type Row } from './testing/rows.js';

/** In the order of their ends. */
function endedIn({ count, returnedAt }: History): number[] {
  const all = Array.from({ length: count }, (_, at) => at);
  const ended = all.filter((at) => Number.isFinite(returnedAt[at]));
  return ended.sort((a, b) => (returnedAt[a] as number) - (returnedAt[b] as number) || a - b);
}

/** By prefix; `cut` makes one, of operations by index. */
function verdictsBy(
  history: History,
  model: ModelName,
  cut: (hasEnded: (at: number) => boolean, now: number) => History,
): string[] {
  const order = endedIn(history);
  return order.map((last, rank) => {
    const known = new Set(order.slice(0, rank + 1));
    const prefix = cut((at) => known.has(at), history.returnedAt[last] as number);
    return judgeModels(prefix, [model])[0]?.verdict ?? '';
  });
}

const sorted = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => a.from - b.from);

/** Later answers are not known. */
const openRows = (rows: readonly Row[], hasEnded: (at: number) => boolean): Row[] =>
  sorted(rows).map((row, at) => {
    if (hasEnded(at)) return row;
    const { to: _, met: __, version: ___, ...begun } = row;
    return { ...begun, outcome: 'info' };
  });

const openTransactions = (drawn: readonly Drawn[], hasEnded: (at: number) => boolean): Drawn[] =>
  drawn.map((each, at) => {
    if (hasEnded(at)) return each;
    const steps = each.steps.map((step) => (step.f === 'r' ? { ...step, value: null } : step));
    return { ...each, steps, outcome: 'info', end: Number.POSITIVE_INFINITY };
  });

const worlds: readonly [string, RandomOptions][] = [
  ['two keys', { operationsMax: 12, keys: ['x', 'y'], deletes: false, replacements: false }],
  ['replacements', { operationsMax: 10, keys: ['x'], deletes: false, replacements: true }],
  ['deletes', { operationsMax: 10, keys: ['x'], deletes: true, replacements: true }],
];

async function compare(
  history: History,
  cut: (hasEnded: (at: number) => boolean, now: number) => History,
  models: readonly ModelName[] | null,
): Promise<number> {
  const report = await check(history);
  let compared = 0;
  for (const fall of fallsOf(history, report)) {
    if (fall.model === 'eventual' || (models !== null && !models.includes(fall.model))) continue;
    if (fall.doubt !== null || report.initial !== null) continue;
    const verdicts = verdictsBy(history, fall.model, cut);
    const order = endedIn(history);
    const first = verdicts.indexOf('violated');
    const told = { model: fall.model, operation: fall.operation, verdicts };
    expect(told).toEqual({ ...told, operation: order[first] });
    // What one prefix violates, all longer ones do.
    expect(verdicts.slice(first).filter((verdict) => verdict === 'holds')).toEqual([]);
    compared++;
  }
  return compared;
}

describe.each(worlds)('%s', (name, options) => {
  it('the first prefix that violates a model is found', async () => {
    const random = new SeededRandom(name.length);
    let compared = 0;
    for (let run = 0; run < 12; run++) {
      const rows = randomRows(random, options);
      const opened = (hasEnded: (at: number) => boolean) => historyOf(openRows(rows, hasEnded));
      compared += await compare(historyOf(rows), opened, null);
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('models that ask for real time need not know what begins later', async () => {
    const random = new SeededRandom(name.length + 1);
    let compared = 0;
    for (let run = 0; run < 20; run++) {
      const rows = randomRows(random, options);
      const cut = (hasEnded: (at: number) => boolean, now: number) =>
        historyOf(openRows(rows, hasEnded).filter(({ from }) => from <= now));
      compared += await compare(historyOf(rows), cut, ['linearizable', 'regular']);
    }
    expect(compared).toBeGreaterThan(5);
  });
});

it('of transactions, too', async () => {
  const random = new SeededRandom(5);
  let compared = 0;
  for (let run = 0; run < 60; run++) {
    const drawn = randomTransactions(random);
    drawn.sort((a, b) => a.start - b.start);
    const opened = (hasEnded: (at: number) => boolean) =>
      transactionsOf(openTransactions(drawn, hasEnded));
    compared += await compare(transactionsOf(drawn), opened, null);
  }
  expect(compared).toBeGreaterThan(20);
});

it('says why as far as it was known by then', async () => {
  const history = historyOf([
    { process: 1, f: 'put', value: '1', from: 0, to: 1 },
    { process: 1, f: 'put', value: '2', from: 2, to: 3 },
    { process: 2, f: 'get', value: '1', from: 4, to: 9 },
    { process: 3, f: 'get', value: '2', from: 5, to: 6 },
    { process: 3, f: 'get', value: null, from: 7, to: 12 },
  ]);
  const falls = fallsOf(history, await check(history));
  expect(falls.find(({ model }) => model === 'linearizable')).toEqual({
    ...{ model: 'linearizable', operation: 2, operations: [0, 1, 2], doubt: null },
    sentence: "client 2 read 1 after client 1's put of 2 had been acknowledged",
  });
  expect(falls.find(({ model }) => model === 'monotonic-reads')?.operation).toBe(4);
});

it('thousands of operations take a few looks, and a limit is a limit', async () => {
  const shape = { operations: 300, clients: 8, keys: 6, transactions: 0, silent: 0.01 };
  const history = recordedHistory(new SeededRandom(3), { ...shape, stale: 0.03 });
  const report = await check(history);
  const falls = fallsOf(history, report);
  expect(falls.length).toBeGreaterThan(2);
  let clock = 0;
  const cut = fallsOf(history, report, { now: () => clock++, timeoutMs: 0 });
  expect(cut.map(({ doubt }) => doubt)).toContain('time limit');
});
