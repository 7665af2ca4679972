import { describe, expect, it } from 'vitest';
import { check } from '../../check/check.js';
import { historyOf } from '../../check/testing/rows.js';
import { layOutEvidence } from './evidence-layout.js';
import { deedOf, keyTable } from './keys.js';
import { illegalIn, landmarksIn, stepped } from './landmarks.js';

const ms = 1e6;
/** A write is acknowledged, and read as it was before. */
const stale = historyOf([
  { process: 1, f: 'put', value: '1', from: 0, to: 10 * ms },
  { process: 2, f: 'get', value: '1', from: 12 * ms, to: 14 * ms },
  { process: 1, f: 'put', value: '2', from: 20 * ms, to: 30 * ms },
  { process: 2, f: 'get', value: '1', from: 40 * ms, to: 42 * ms },
]);
const faults = [
  { words: 'fault partition n1/n2', by: null, beganAt: 15 * ms, endedAt: 50 * ms, line: 1 },
];

describe('landmarks', () => {
  it('are what was illegal, with the models it contradicts, and what was broken', async () => {
    const history = { ...stale, faults };
    const illegal = illegalIn(await check(history));
    expect([...illegal.keys()]).toEqual([3]);
    expect(illegal.get(3)).toMatch(/^stale read, against .*linearizable/);
    expect(landmarksIn(history, illegal).map(({ time, title }) => [time / ms, title])).toEqual([
      [15, 'partition n1/n2 begins'],
      [40, illegal.get(3)],
      [50, 'partition n1/n2 ends'],
    ]);
  });

  it('are walked through, and stay at the ends', () => {
    expect([stepped(-1, 1, 3), stepped(2, 1, 3), stepped(0, -1, 3), stepped(-1, 1, 0)]).toEqual([
      ...[0, 2, 0, -1],
    ]);
  });
});

describe('the picture of an evidence', () => {
  const picture = async (width: number, history = stale) => {
    const { evidence } = await check({ ...history, faults });
    if (evidence === null) throw new Error('it is violated');
    return layOutEvidence(evidence, width);
  };

  it('is to scale where that can be told apart', async () => {
    const { bars, isToScale, rows } = await picture(1000);
    expect(isToScale).toBe(true);
    expect(rows.map(({ who }) => who)).toEqual(['client 1', 'client 2']);
    const [first, last] = [bars[0], bars.at(-1)];
    expect(last?.operation.isCulprit).toBe(true);
    const [long, short] = [first, last].map((bar) => (bar?.to ?? 0) - (bar?.from ?? 0));
    expect((long as number) / (short as number)).toBeCloseTo(5, 1);
  });

  it('shortens a pause that would hide the rest', async () => {
    const paused = historyOf([
      { process: 1, f: 'put', value: '1', from: 0, to: 0.01 * ms },
      { process: 1, f: 'put', value: '2', from: 0.02 * ms, to: 0.03 * ms },
      { process: 2, f: 'get', value: '1', from: 9000 * ms, to: 9000.01 * ms },
    ]);
    const { bars, isToScale } = await picture(800, paused);
    expect(isToScale).toBe(false);
    for (const { from, to } of bars) expect(to - from).toBeGreaterThan(6);
    const places = bars.flatMap(({ from, to }) => [from, to]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it.each([1400, 390, 300])('fits into %d pixels', async (width) => {
    const { bars, faults: shaded, ticks, height } = await picture(width);
    for (const { from, to, labelX, y } of bars) {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(width);
      expect(labelX).toBeLessThan(width);
      expect(y).toBeLessThan(height);
    }
    expect(shaded).toHaveLength(1);
    expect(ticks[0]?.label).toBe('0');
  });
});

describe('keys', () => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false };

  it('do what the help says', () => {
    for (const { keys, deed } of keyTable) {
      for (const key of keys) expect(deedOf({ ...plain, key }, false)).toBe(deed);
    }
  });

  it('are letters to who writes, and the browser’s with Ctrl', () => {
    expect(deedOf({ ...plain, key: 'j' }, true)).toBeNull();
    expect(deedOf({ ...plain, key: 'Escape' }, true)).toBe('escape');
    expect(deedOf({ ...plain, key: 'n', ctrlKey: true }, false)).toBeNull();
  });
});
