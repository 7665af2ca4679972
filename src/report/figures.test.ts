import { describe, expect, it } from 'vitest';
import { historyOf } from '../check/testing/rows.js';
import type { History } from '../history/history.js';
import { figuresOf, percentileCurve, roundLength } from './figures.js';

const second = 1e9;

/** Ten puts a second for ten seconds, each 1 ms long; the 35th fails, the 55th is never answered. */
function tenSeconds(faults: History['faults'] = []): History {
  const rows = Array.from({ length: 100 }, (_, at) => ({
    ...{ process: 1, f: 'put' as const, value: `${at}`, from: at * 1e8 },
    ...(at === 55 ? {} : { to: at * 1e8 + 1e6 * (at === 99 ? 7 : 1) }),
    ...(at === 35 ? { outcome: 'fail' as const } : {}),
  }));
  return { ...historyOf(rows), faults };
}

const fault = (beganAt: number, endedAt: number, words = 'fault partition n1/n2') => ({
  ...{ words, by: null, beganAt: beganAt * second, endedAt: endedAt * second, line: 1 },
});

describe('figures', () => {
  it('count what came of operations, and how long those that are ok took', () => {
    const { total, kinds, latencies } = figuresOf(tenSeconds());
    expect(total).toMatchObject({ ok: 98, failed: 1, unknown: 1 });
    expect(total.latency).toEqual({ p50: 1e6, p99: 7e6, max: 7e6 });
    expect(kinds).toEqual([{ kind: 'put', ...total }]);
    expect(latencies).toHaveLength(98);
  });

  it('say for each slot what ended in it', () => {
    const { slots } = figuresOf(tenSeconds(), 10);
    expect(slots.length).toBe(second);
    expect([...slots.perSecond]).toEqual([10, 10, 10, 9, 10, 9, 10, 10, 10, 10]);
    expect([...slots.failed].indexOf(1)).toBe(3);
    expect([...slots.unknown].indexOf(1)).toBe(5);
    expect(slots.max[9]).toBe(7e6);
    expect(slots.at[0]).toBe(second / 2);
  });

  it('have nothing to say of a slot in which nothing was ok', () => {
    const rows = [0, 9].map((from) => ({ process: 1, f: 'get' as const, from, to: from + 1 }));
    const { slots } = figuresOf(historyOf(rows), 10);
    expect(slots.perSecond[5]).toBe(0);
    expect(slots.p99[5]).toBeNaN();
  });

  it('tell before, during and after a fault apart, by what was under way', () => {
    const { windows } = figuresOf(tenSeconds([fault(2.0005, 4)]));
    expect(windows.map(({ name, ok, failed }) => [name, ok, failed])).toEqual([
      ['before', 20, 0],
      // The operation of 2.000 s was under way when it began, that of 4 s when it ended.
      ['during', 20, 1],
      ['after', 58, 0],
    ]);
    expect(windows[1]?.faults).toEqual(['partition n1/n2']);
  });

  it('number faults, and take those that overlap for one', () => {
    const faults = [fault(1, 3), fault(2, 4, 'node kill n2'), fault(8, Number.POSITIVE_INFINITY)];
    const { windows } = figuresOf(tenSeconds(faults));
    expect(windows.map(({ name }) => name)).toEqual(['before', 'during 1', 'after 1', 'during 2']);
    expect(windows[1]?.faults).toEqual(['partition n1/n2', 'n2 killed']);
  });

  it('take an instant for a history of one moment', () => {
    const one = figuresOf(historyOf([{ process: 1, f: 'get', from: 5 }]));
    expect(one.total).toEqual({ ok: 0, failed: 0, unknown: 1, latency: null });
    expect([...one.slots.unknown]).toEqual([1]);
  });

  it('draw percentiles by nines, as far as there are operations', () => {
    const { nines, latency } = percentileCurve(
      Float64Array.from({ length: 1000 }, (_, at) => at + 1),
      4,
    );
    expect([...nines]).toEqual([0, 1, 2, 3]);
    expect([...latency]).toEqual([1, 900, 990, 999]);
  });

  it.each([
    [0.9, 1],
    [1, 1],
    [1.1, 2],
    [30, 50],
    [6e8, 1e9],
  ])('choose a round length: %d becomes %d', (least, length) =>
    expect(roundLength(least)).toBe(length),
  );
});
