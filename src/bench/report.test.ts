import { describe, expect, it } from 'vitest';
import { LiveLine } from '../render/live-line.js';
import { planBench } from './plan.js';
import { progressLine } from './progress.js';
import { benchDocument, benchExitCode, benchLines } from './report.js';
import type { BenchReport } from './run.js';

const measured = { cluster: 'dev', mode: 'quorum', runtime: 'threads', nodeCount: 3 };
const latencyMs = { p50: 0.1234, p90: 1.234, p99: 12.34, 'p99.9': 123.4, max: 1234.5 };

const readBack = {
  type: 'read-back',
  expected: Buffer.from('b'),
  found: Buffer.from('a\x1b'),
  passed: false,
} as const;

const report: BenchReport = {
  plan: planBench({ ops: 100, clients: 2, seed: 7 }),
  elapsedMs: 2000,
  unfinishedCount: 0,
  doneCount: 98,
  errorCount: 2,
  operations: [
    { operation: 'get', doneCount: 48, absentCount: 5, errorCount: 0, latencyMs },
    { operation: 'put', doneCount: 50, absentCount: 0, errorCount: 2, latencyMs },
  ],
  latencyMs,
  overdueCount: 0,
  generator: { threads: 1, busyShare: 0.5 },
  thresholds: [],
  ...{ faults: [], windows: [] },
  errors: [{ code: 'timeout', definite: false, operation: 'put', count: 2, example: 'too late' }],
  failure: null,
  interrupted: false,
  verification: null,
  historyFailure: null,
};

describe('the report', () => {
  it('is a headline, a row an operation and a row a kind of error', () => {
    expect(benchLines(report, measured)).toEqual([
      'mixed: 98 of 100 done in 2 s, 49/s',
      'quorum, 3 nodes as threads, 2 clients, seed 7',
      'OPERATION  DONE  ABSENT  ERRORS  PER SEC  P50 MS  P90 MS  P99 MS  MAX MS',
      'get          48       5       0       24   0.123    1.23    12.3    1235',
      'put          50               2       25   0.123    1.23    12.3    1235',
      '',
      '2 put errors, timeout: may have happened',
      '  too late',
    ]);
    const wide = benchLines(report, measured, { width: Number.POSITIVE_INFINITY });
    expect(wide[2]).toContain('P99 MS  P99.9 MS  MAX MS');
  });

  it('names what was broken on purpose, when it was, and how many more there were', () => {
    const one = { words: 'fault partition n1/n2,n3', by: 'user', fromMs: 0, toMs: 1250 };
    const other = { words: 'node pause n2', by: 'nemesis pauses', fromMs: 500, toMs: null };
    const lines = benchLines({ ...report, errors: [], faults: [one, other] }, measured);
    expect(lines.slice(5)).toEqual([
      '',
      'faults: partition n1/n2,n3 (from the start to 1.3 s), n2 paused (nemesis pauses,',
      'from 500 ms to the end)',
    ]);
    const flapping = [one, { ...one, fromMs: 1500, toMs: 1600 }];
    expect(benchLines({ ...report, errors: [], faults: flapping }, measured).at(-1)).toBe(
      'faults: partition n1/n2,n3 (2 times from the start to 1.6 s)',
    );
    const many = Array.from({ length: 1000 }, (_, at) => ({ ...one, words: `fault break n${at}` }));
    const all = benchLines({ ...report, errors: [], faults: many }, measured).slice(6);
    expect(all.join(' ')).toMatch(/ and 996 more; --json has them all$/);
    expect(Math.max(...all.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says what was due and not asked, which bounds were kept, and what a history shows', () => {
    const staleness = {
      quorums: { replicas: 3, read: 1, write: 1, localShare: 1 },
      delayCount: 7,
      bins: [
        { fromMs: 0, toMs: 5, reads: 8, stale: 2, expected: 3 },
        { fromMs: 1000, toMs: Number.POSITIVE_INFINITY, reads: 2, stale: 0, expected: 0 },
      ],
    };
    const sentences = ['✓ promised eventually convergent: holds'];
    const check = { answer: 'yes', sentences, staleness, document: { any: 1 } } as const;
    const thresholds = [
      { text: 'p99<50ms', holds: false, measured: '135 ms' },
      { text: 'recover<2s', holds: null, measured: 'no fault' },
    ];
    const busy = { threads: 2, busyShare: 0.95 };
    const overdue = { ...report, overdueCount: 12, thresholds, generator: busy, errors: [] };
    expect(benchLines(overdue, { ...measured, check }).slice(5)).toEqual([
      'overdue: 12 were due and never asked, since all 2 clients waited for answers',
      'note: the load generator was busy 95% of the time (2 threads) and may be what',
      'was slow: --threads',
      '✗ p99<50ms: 135 ms',
      '? recover<2s: no fault',
      ...sentences,
      '',
      'Stale reads, and what PBS (Bailis et al. 2012) predicts for R=1 W=1 of N=3 from',
      'the delays of 7 messages with writes:',
      'AGE OF THE WRITE  READS  STALE  MEASURED  PREDICTED',
      'below 5 ms            8      2       25%      37.5%',
      'from 1 s              2      0        0%         0%',
      'all                  10      2       20%        30%',
    ]);
    expect(benchExitCode(overdue, check)).toBe(1);
    expect(benchExitCode({ ...report, thresholds: thresholds.slice(1) }, check)).toBe(2);
    const violated = { ...check, answer: 'no' } as const;
    expect([benchExitCode(report, check), benchExitCode(report, violated)]).toEqual([0, 1]);
    expect(benchDocument(report, { ...measured, check })).toMatchObject({ check: { any: 1 } });
  });

  it('fits 80 columns with six digits everywhere', () => {
    const operations = report.operations.map((each) => ({
      ...{ ...each, doneCount: 1_000_000, absentCount: 100_000, errorCount: 100_000 },
    }));
    const lines = benchLines({ ...report, operations }, measured, { width: 80 });
    expect(lines[2]).toMatch(/^OPERATION .* MAX MS$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('fits a narrow terminal', () => {
    const lines = benchLines(report, measured, { width: 60 });
    expect(lines.slice(2, 5)).toEqual(['OPERATION  get', 'DONE       48', 'ABSENT     5']);
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
  });

  it('says what was read back and which replicas differ', () => {
    expect(benchLines({ ...report, verification: readBack }, measured).at(-1)).toBe(
      'read back: a\\x1b, not the last value set, b',
    );
    const agreement = {
      type: 'agreement',
      passed: false,
      keyCount: 99,
      copyCount: 297,
      differenceCount: 2,
      unreachable: [{ node: 'n3', why: 'gone' }],
      unsettled: ['n2'],
    } as const;
    expect(benchLines({ ...report, verification: agreement }, measured).slice(-4)).toEqual([
      'differ: 2 of 99 keys; see `kvx verify`',
      'lost: 100 keys were set, 99 are there',
      'not compared n3: gone',
      'not settled: n2',
    ]);
  });

  it('shows values as JSON does', () => {
    expect(benchDocument({ ...report, verification: readBack }, measured)).toMatchObject({
      verification: { type: 'read-back', passed: false, expected: 'b', found: 'a\x1b' },
    });
  });

  it('is one document without what JSON has no word for', () => {
    const endless = { ...report, plan: planBench({ duration: '3s', seed: 7 }) };
    const document = JSON.parse(JSON.stringify(benchDocument(endless, measured)));
    expect(document).toMatchObject({
      ...measured,
      plan: { operationsMax: null, durationMs: 3000 },
      doneCount: 98,
      perSecond: 49,
      operations: [{ operation: 'get', perSecond: 24, latencyMs }, { operation: 'put' }],
      errors: report.errors,
      failure: null,
    });
  });
});

describe('the exit code', () => {
  const failure = { type: 'error', code: 'timeout', definite: false, message: 'late' } as const;
  const [error] = report.errors;
  it.each<[string, Partial<BenchReport>, number]>([
    ['errors here and there', {}, 0],
    ['what was set is not there', { verification: readBack }, 1],
    ['it gave up, nobody knows about the last', { failure }, 2],
    ['it gave up, nothing happened', { failure: { ...failure, definite: true } }, 3],
    ['nothing was done at all', { doneCount: 0 }, 2],
    ['nothing was there to be done', { doneCount: 0, errors: [] }, 0],
    [
      'nothing could be done at all',
      { doneCount: 0, errors: error ? [{ ...error, code: 'unavailable', definite: true }] : [] },
      3,
    ],
  ])('%s', (_, part, code) => expect(benchExitCode({ ...report, ...part })).toBe(code));
});

describe('progress', () => {
  const load = { phase: 'load', doneCount: 0, errorCount: 0, waitingFor: [] } as const;

  it('is time, share, count, rate and errors', () => {
    const line = progressLine(planBench({ ops: 1000 }), 0);
    expect(line({ ...load, doneCount: 100 }, 1000)).toBe('1 s  10%  100 done  100/s');
    expect(line({ ...load, doneCount: 400, errorCount: 1 }, 2000)).toBe(
      '2 s  40%  400 done  200/s  1 error',
    );
  });

  it('says what comes before the load, and counts the share from its beginning', () => {
    const line = progressLine(planBench({ duration: '10s', 'warm-up': '5s' }), 0);
    expect(line({ ...load, phase: 'prepare' }, 4000)).toBe('4 s  warming up');
    expect(line({ ...load, doneCount: 10 }, 9000)).toBe('9 s  50%  10 done  1/s');
  });

  it('gives the rate of the last seconds', () => {
    const line = progressLine(planBench({ duration: '100s' }), 0);
    for (let second = 1; second <= 10; second++) {
      line({ ...load, doneCount: 10 }, second * 1000);
    }
    expect(line({ ...load, doneCount: 30 }, 11_000)).toBe('11 s  11%  30 done  10/s');
  });

  it('says what the verification waits for', () => {
    const line = progressLine(planBench({ workload: 'multiset', count: '5' }), 0);
    const waiting = { phase: 'verify', doneCount: 5, errorCount: 0, waitingFor: ['n2'] } as const;
    expect(line(waiting, 3000)).toBe('3 s  5 done  verifying, waiting for n2');
  });

  it.each([
    ['a terminal', true, {}, true],
    ['no terminal', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('on %s: redrawn only where it can be', (_, isTTY, env, redrawn) => {
    let written = '';
    const write = (text: string) => {
      written += text;
    };
    const live = new LiveLine(() => 'x', { isTTY, write }, env);
    live.end();
    expect(written).toBe(redrawn ? '\r\x1b[K' : '');
  });
});
