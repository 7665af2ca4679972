import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.js';
import { judgeThreshold, toThreshold } from './thresholds.js';

const latencies = new Latencies();
for (let ms = 1; ms <= 100; ms++) latencies.record(ms);
const measured = { doneCount: 198, errorCount: 2, elapsedMs: 2000, latencies };

describe('thresholds', () => {
  it.each<[string, boolean | null, string]>([
    ['p50<60ms', true, '50 ms'],
    ['p99 < 50ms', false, '99 ms'],
    ['p99.9<=101ms', true, '100 ms'],
    ['get.max>0.1s', true, '100 ms'],
    ['errors<1%', false, '2 of 200, 1%'],
    ['errors<=1%', true, '2 of 200, 1%'],
    ['rate>100', false, '99/s'],
    ['rate>=98.5', true, '99/s'],
    ['recover<2s', true, '1.5 s'],
    ['recover<1s', false, '1.5 s'],
  ])('%s: %s, %s', (text, holds, shown) => {
    expect(judgeThreshold(toThreshold(text), measured, [300, 1500])).toEqual({
      ...{ text: text.trim(), holds, measured: shown },
    });
  });

  it('are not known where there is nothing to tell, and not kept where nothing was done', () => {
    const none = { doneCount: 0, errorCount: 0, elapsedMs: 1000, latencies: new Latencies() };
    const holds = (text: string, recoveries: (number | null)[] = []) =>
      judgeThreshold(toThreshold(text), none, recoveries).holds;
    expect([holds('recover<2s'), holds('errors<1%')]).toEqual([null, null]);
    expect([holds('p99<2s'), holds('rate>1'), holds('recover<2s', [100, null])]).toEqual([
      ...[false, false, false],
    ]);
  });

  it.each([
    ['p99', /can't be understood/],
    ['p0<5ms', /can't be understood/],
    ['p101<5ms', /can't be understood/],
    ['fetch.p99<5ms', /can't be understood/],
    ['put.recover<5s', /can't be understood/],
    ['p99=5ms', /can't be understood/],
    ['p99<5', /p99 is compared with a time/],
    ['errors<5', /errors is compared with a share/],
    ['errors<101%', /errors is compared with a share/],
    ['rate>5/s', /rate is compared with a number/],
  ])('%s is refused', (text, message) => {
    expect(() => toThreshold(text)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) }),
    );
  });
});
