import { describe, expect, it } from 'vitest';
import type { Client } from '../client/client.js';
import { keyFromText } from '../core/key.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { Task } from '../workload/generator.js';
import { Load, type LoadOptions } from './load.js';
import { Tally } from './tally.js';
import { ManualTiming } from './testing/manual-timing.js';

const version = { stamp: 1, node: 'n1' };
const key = keyFromText('k');
const found: ClientResult = { type: 'value', value: Buffer.of(1), version };
const late: ClientResult = { type: 'error', code: 'timeout', definite: false, message: 'late' };

/** A load of one client, on time that stands still, of a cluster that answers so long after it was asked. */
function loadOf(
  answerMs: (nth: number) => number,
  options: Partial<LoadOptions> & { readonly result?: (nth: number) => ClientResult } = {},
) {
  const timing = new ManualTiming();
  const tally = new Tally();
  const asked: { readonly at: number; readonly operation: DataOperation }[] = [];
  const { result = () => found, ...others } = options;
  const client: Pick<Client, 'submit'> = {
    submit: (operation, _, sink, token) => {
      const nth = asked.push({ at: timing.now(), operation: operation as DataOperation }) - 1;
      timing.after(answerMs(nth), () => sink.settled(token, result(nth), 'n1'));
    },
  };
  const load = new Load([client], {
    ...{ timing, tally, workload: () => ({ type: 'get', key }), endsOnFailure: false },
    ...{ operationsMax: Number.POSITIVE_INFINITY, durationMs: 100 },
    signal: new AbortController().signal,
    ...others,
  });
  return { timing, tally, asked, load };
}

describe('an open loop', () => {
  const pace = { firstMs: 5, everyMs: 10 };

  it('asks when operations are due, however soon the one before was answered', async () => {
    const { timing, tally, asked, load } = loadOf(() => 1, { pace });
    const running = load.run();
    timing.goTo(200);
    expect(await running).toMatchObject({ overdueCount: 0, unfinishedCount: 0 });
    expect(asked.map(({ at }) => at)).toEqual([5, 15, 25, 35, 45, 55, 65, 75, 85, 95]);
    expect(tally.latencies().summary()).toMatchObject({ p50: 1, max: 1 });
  });

  it('measures from when they were due: those that had to wait for a stalled cluster, too', async () => {
    const { timing, tally, asked, load } = loadOf((nth) => (nth === 0 ? 50 : 1), { pace });
    const running = load.run();
    timing.goTo(200);
    await running;
    // Due at 5, 15, 25, 35, 45, 55; asked one after another once the first was answered.
    expect(asked.slice(0, 7).map(({ at }) => at)).toEqual([5, 55, 56, 57, 58, 59, 65]);
    const { max } = tally.latencies().summary() ?? expect.fail();
    expect(max).toBe(50);
    expect(tally.latencies().at(60)).toBeGreaterThan(3);
  });

  it('says how many it never came to', async () => {
    const { timing, load } = loadOf(() => 95, { pace });
    const running = load.run();
    timing.goTo(300);
    expect(await running).toMatchObject({ overdueCount: 9, unfinishedCount: 0 });
  });

  it('ends after so many operations, whoever is free', async () => {
    const { timing, asked, load } = loadOf(() => 1, { pace, operationsMax: 3 });
    const running = load.run();
    timing.goTo(99);
    expect(await running).toMatchObject({ overdueCount: 0 });
    expect(asked.length).toBe(3);
  });
});

describe('a task of several operations', () => {
  const ended = async (task: Task, result?: (nth: number) => ClientResult) => {
    const options = { workload: () => task, operationsMax: 1, ...(result && { result }) };
    const it = loadOf((nth) => 1 + nth, options);
    const running = it.load.run();
    it.timing.goTo(50);
    await running;
    return it;
  };

  it('a scan asks for all its keys at once and is done with the last', async () => {
    const keys = ['a', 'b', 'c'].map(keyFromText);
    const { asked, tally } = await ended({ type: 'scan', keys });
    expect(asked.map(({ at, operation }) => [at, operation])).toEqual(
      keys.map((each) => [0, { type: 'get', key: each }]),
    );
    expect(tally.operations()).toMatchObject([
      { operation: 'scan', doneCount: 1, latencyMs: { max: 3 } },
    ]);
  });

  it('a scan fails when one of its gets does, once', async () => {
    const keys = ['a', 'b', 'c'].map(keyFromText);
    const { tally } = await ended({ type: 'scan', keys }, (nth) => (nth > 0 ? late : found));
    expect(tally.operations()).toMatchObject([{ operation: 'scan', doneCount: 0, errorCount: 1 }]);
  });

  it('a read-modify-write gets, then puts, and is measured as one', async () => {
    const value = Buffer.of(7);
    const { asked, tally } = await ended({ type: 'rmw', key, value });
    expect(asked).toEqual([
      { at: 0, operation: { type: 'get', key } },
      { at: 1, operation: { type: 'put', key, value } },
    ]);
    expect(tally.operations()).toMatchObject([
      { operation: 'rmw', doneCount: 1, latencyMs: { max: 3 } },
    ]);
  });
});
