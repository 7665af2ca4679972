import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.js';
import { Tally } from './tally.js';

describe('latencies', () => {
  it('are nothing before there is one', () => expect(new Latencies().summary()).toBeNull());

  it('are given by percentile, to a thousandth', () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 10_000; ms++) latencies.record(ms);
    const { p50, p90, p99, 'p99.9': p999, max } = latencies.summary() ?? expect.fail();
    for (const [found, wanted] of [
      [p50, 5000],
      [p90, 9000],
      [p99, 9900],
      [p999, 9990],
      [max, 10_000],
    ] as const) {
      expect(Math.abs(found / wanted - 1)).toBeLessThan(0.002);
    }
  });

  it('are kept to the microsecond when they are short', () => {
    const latencies = new Latencies();
    latencies.record(0.0421);
    expect(latencies.summary()).toMatchObject({ p50: 0.042, max: 0.042 });
  });

  it('take what is beyond bounds as the bound', () => {
    const latencies = new Latencies();
    latencies.record(-0.5);
    latencies.record(0);
    latencies.record(7_200_000);
    expect(latencies.summary()?.p50).toBe(0);
    expect((latencies.summary()?.max ?? 0) / 1_800_000).toBeCloseTo(1, 2);
  });
});

describe('a tally', () => {
  it('counts reads that found nothing among those done', () => {
    const tally = new Tally();
    tally.done('get', { type: 'value', value: null, version: null }, 0, 1);
    tally.done('get', { type: 'value', value: Buffer.of(1), version: null }, 0, 1);
    expect(tally.operations()).toMatchObject([{ operation: 'get', doneCount: 2, absentCount: 1 }]);
  });

  it('keeps the first words of each kind of error, the most frequent kind first', () => {
    const tally = new Tally();
    const timeout = { type: 'error', code: 'timeout', definite: false } as const;
    tally.failed('get', { ...timeout, message: 'first' });
    tally.failed('put', { ...timeout, message: 'second' });
    tally.failed('put', { ...timeout, message: 'third' });
    tally.failed('put', { ...timeout, definite: true, message: 'fourth' });
    expect(
      tally
        .errors()
        .map(({ operation, definite, count, example }) => [
          ...[operation, definite, count, example],
        ]),
    ).toEqual([
      ['put', false, 2, 'second'],
      ['get', false, 1, 'first'],
      ['put', true, 1, 'fourth'],
    ]);
    expect(tally.errorCount).toBe(4);
  });
});
