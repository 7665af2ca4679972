import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { DataOperation } from '../core/operation.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { HistoryEntry } from '../explore/history.js';
import type { SimulationReport } from '../explore/simulate.js';
import { attempt, programOf } from './attempt.js';
import { shrinkFailure } from './shrink.js';

/** A clock that counts how often it is asked: no machine is too slow. */
function ticking(): () => number {
  let ticks = 0;
  return () => ticks++;
}

const afterPromises = setImmediate;
const [a, b] = [keyFromText('a'), keyFromText('b')];

const operations: readonly DataOperation[] = [
  { type: 'put', key: b, value: encodeUtf8('of another key') },
  { type: 'put', key: a, value: encodeUtf8('first') },
  { type: 'get', key: b },
  { type: 'put', key: a, value: encodeUtf8('second') },
  { type: 'delete', key: b },
  { type: 'get', key: a },
  { type: 'get', key: a },
];

/** Levels that promise nothing, judged as if they did; the third operation is through another node than the others. */
const report = {
  drawn: {
    nodes: 4,
    modeOptions: { read: 'one', write: 'one', replicas: 3 },
    conditions: { latencyMsMin: 0.1, latencyMsMean: 0.4, latencyMsMax: 2000, reorder: false },
    workload: { clientTimeoutMs: 450, sessions: null },
  },
  history: operations.map((operation, nth): HistoryEntry => {
    const at = { invokedAt: nth * 20, returnedAt: nth * 20 + 2 };
    return {
      client: nth % 2,
      node: nth > 4 ? 'n3' : 'n2',
      operation,
      level: null,
      result: null,
      ...at,
    };
  }),
  disturbed: [
    {
      ...{ atMs: 50, change: 'begin' },
      fault: { type: 'isolate', node: 'n3', atMs: 50, forMs: 500 },
    },
    { atMs: 55, change: 'begin', fault: { type: 'pause', node: 'n1', atMs: 55, forMs: 5 } },
    { atMs: 58, change: 'end', fault: { type: 'pause', node: 'n1', atMs: 55, forMs: 5 } },
  ],
  decisions: { operations: [], faults: [] },
  violations: [{ check: 'linearizable', key: a, message: 'a stale read' }],
} as unknown as SimulationReport;

it('makes a failure a scenario of a few lines that fails alike', async () => {
  const told: (number | null)[] = [];
  const shrunk = await shrinkFailure({ mode: 'quorum' }, report, {
    ...{ forMs: 700, now: ticking(), afterPromises },
    says: (lines) => told.push(lines),
  });
  const { scenario = '', seed = 0, sentence = '', lines } = shrunk ?? {};
  const words = scenario.split('\n').map((line) => line.split(' --')[0]);
  expect(words.at(-3)).toBe('expect history linearizable');
  expect(words.at(-4)).toMatch(/^(try )?get a$/);
  expect(lines).toBeLessThanOrEqual(6);
  expect(scenario.split('\n')[0]).toBe(`# ${sentence}`);
  expect(sentence).toMatch(/^violated: linearizable: /);
  expect(told.at(-1)).toBe(lines);
  const program = programOf(scenario);
  if (program === null) throw new Error(scenario);
  expect(await attempt(program, { seed, bug: undefined, afterPromises })).toBe(sentence);
});

it('finds nothing where nothing fails', async () => {
  const fine = { ...report, drawn: { ...report.drawn, modeOptions: {} } };
  const budget = { forMs: 100, now: ticking(), afterPromises };
  expect(await shrinkFailure({ mode: 'quorum' }, fine, budget)).toBeNull();
});
