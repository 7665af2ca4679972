import { describe, expect, it } from 'vitest';
import type { ClientResult } from '../core/operation.js';
import { PhasedTally } from './phased-tally.js';
import { Results } from './results.js';
import { windowLines } from './window-lines.js';

const done: ClientResult = { type: 'done', version: { stamp: 1, node: 'n1' }, existed: null };
const late = { type: 'error', code: 'timeout', definite: false, message: 'late' } as const;

/** A load that begins at 1000, and is told to from then. */
function begun() {
  const tally = new PhasedTally(1000);
  const results = new Results();
  results.begin(false, 0);
  const begin = (isFault: boolean, fromMs: number): void => {
    tally.begin(results.begin(isFault, fromMs), isFault, 1000 + fromMs);
  };
  /** Answers each 10 ms, each after 1 ms. */
  const serve = (fromMs: number, toMs: number, everyMs = 10): void => {
    for (let at = fromMs; at < toMs; at += everyMs) {
      tally.done('put', done, 1000 + at - 1, 1000 + at);
    }
  };
  return { tally, results, begin, serve };
}

const fault = (fromMs: number, toMs: number | null) => ({
  ...{ words: 'node kill n1', by: 'user', fromMs, toMs },
});

describe('windows', () => {
  it('are none when nothing was broken', () => {
    const { tally, results, serve } = begun();
    serve(0, 500);
    results.add(tally.take(Number.POSITIVE_INFINITY));
    expect(results.windows(500, [])).toEqual([]);
    expect(results.total.doneCount).toBe(50);
  });

  it('are before, during and after, with how long clients were not served', () => {
    const { tally, results, begin, serve } = begun();
    serve(0, 2000);
    begin(true, 2000);
    serve(3200, 4000);
    begin(false, 4000);
    serve(4000, 5000);
    results.add(tally.take(Number.POSITIVE_INFINITY));
    const windows = results.windows(5000, [fault(2000, 4000)]);
    expect(windows).toMatchObject([
      { isFault: false, fromMs: 0, toMs: 2000, doneCount: 200 },
      {
        ...{ isFault: true, fromMs: 2000, toMs: 4000, doneCount: 81, faults: ['node kill n1'] },
        ...{ silenceMs: 1200, servedAgainMs: 1200, recoverMs: 0 },
      },
      { isFault: false, fromMs: 4000, toMs: 5000, doneCount: 99 },
    ]);
    expect(windowLines(windows, {}).slice(1)).toEqual([
      'before  0 ms  2 s   200       0      100    1.00    1.00    1.00',
      'during   2 s  2 s    81       0       41    1.00    1.00    1.00',
      'after    4 s  1 s    99       0       99    1.00    1.00    1.00',
      'during: n1 killed; no answer for 1.2 s; clients were served again 1.2 s after it',
      'began',
    ]);
  });

  it('count what was under way while something was broken as during, begun before or ended after', () => {
    const { tally, results, begin } = begun();
    begin(true, 1000);
    tally.done('put', done, 1900, 2100);
    tally.failed('put', late, 1900, 2100);
    begin(false, 2000);
    tally.done('put', done, 2900, 3100);
    tally.done('put', done, 3001, 3100);
    results.add(tally.take(Number.POSITIVE_INFINITY));
    expect(results.windows(3000, [fault(1000, 2000)])).toMatchObject([
      { doneCount: 0, latencyMs: null },
      { doneCount: 2, errorCount: 1, latencyMs: { max: 200 } },
      { doneCount: 1, latencyMs: { max: 99 } },
    ]);
  });

  it('count errors for a fault that were told shortly before it was heard of', () => {
    const { tally, results, begin } = begun();
    tally.failed('put', late, 1000, 1400);
    tally.failed('put', late, 1000, 1700);
    begin(true, 1000);
    tally.failed('put', late, 1000, 2100);
    results.add(tally.take(2200));
    expect(results.windows(2000, [fault(1000, null)])).toMatchObject([
      { errorCount: 1 },
      { errorCount: 2 },
    ]);
  });

  it('tell the time to recover from the end of a fault, and from the beginning of one that lasts', () => {
    const { tally, results, begin, serve } = begun();
    serve(0, 1000);
    begin(true, 1000);
    begin(false, 2000);
    serve(2300, 4000);
    begin(true, 4000);
    serve(4700, 6000);
    results.add(tally.take(Number.POSITIVE_INFINITY));
    const windows = results.windows(6000, [fault(1000, 2000), fault(4000, null)]);
    const recoveries = windows.filter(({ isFault }) => isFault);
    expect(recoveries).toMatchObject([
      { servedAgainMs: null, recoverMs: 300 },
      { servedAgainMs: 700, recoverMs: 700 },
    ]);
    expect(windowLines(windows, {}).slice(1, 5)).toMatchObject(
      ['before ', 'during 1', 'after 1', 'during 2'].map((name) => expect.stringContaining(name)),
    );
  });

  it('can tell no recovery when it was broken from the start, or never got better', () => {
    const { tally, results, begin, serve } = begun();
    begin(true, 0);
    serve(0, 1000);
    begin(false, 1000);
    serve(1000, 3000);
    begin(true, 3000);
    serve(3000, 5000, 100);
    results.add(tally.take(Number.POSITIVE_INFINITY));
    const windows = results.windows(5000, [fault(0, 1000), fault(3000, null)]);
    expect(windows.filter(({ isFault }) => isFault)).toMatchObject([
      { fromMs: 0, isComparable: false, recoverMs: null },
      { isComparable: true, servedAgainMs: null, recoverMs: null },
    ]);
  });
});

it('intervals hold what came since the one before', () => {
  const { tally, results, serve } = begun();
  serve(0, 100);
  results.add(tally.take(Number.POSITIVE_INFINITY));
  expect(results.endInterval(1000).tally.doneCount).toBe(10);
  serve(1000, 1050);
  results.add(tally.take(Number.POSITIVE_INFINITY));
  expect(results.endInterval(2000)).toMatchObject({ fromMs: 1000, toMs: 2000 });
  expect(results.total.doneCount).toBe(15);
});
