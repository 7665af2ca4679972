import { expect, test } from 'vitest';
import type { History } from '../history/history.js';
import { parseHistory } from '../history/read.js';
import { availabilityIn, latenciesOf, phasesOf, writeFigures } from './figures.js';

const second = 1e9;

interface Call {
  readonly process: number;
  readonly f: 'get' | 'put';
  readonly value: string | null;
  readonly from: number;
  /** Seconds; `null`: it failed at once. */
  readonly to: number | null;
  readonly version?: readonly [stamp: number, node: string];
}

/** On one key. */
function historyOf(
  calls: readonly Call[],
  fault: readonly [number, number] | null = null,
): History {
  const lines = calls.flatMap(({ process, f, value, from, to, version }) => {
    const call = { process, f, key: 'k' };
    const [stamp, node] = version ?? [];
    const said = version === undefined ? {} : { version: { stamp, node } };
    return [
      {
        ...call,
        type: 'invoke',
        value: f === 'put' ? value : null,
        time: Math.round(from * second),
      },
      {
        ...{ ...call, value, ...said, time: Math.round((to ?? from) * second) + 1 },
        type: to === null ? 'fail' : 'ok',
      },
    ];
  });
  const broken = (fault ?? []).flatMap((at, nth) => {
    const f = nth === 0 ? 'start' : 'stop';
    const line = { process: 'nemesis', type: 'info', f, value: 'cut', time: at * second, fault: 1 };
    return [line, line];
  });
  const sorted = [...lines, ...broken].sort((a, b) => a.time - b.time);
  return parseHistory(sorted.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const loaded = (history: History) => ({
  ...{ history, clientCount: 2, everyNs: second },
  load: { from: 0, to: 12 * second },
});

test('who waits for an answer that does not come is not served', () => {
  const steady = (process: number, seconds: readonly number[]) =>
    seconds.map((from): Call => {
      return { process, f: 'get', value: null, from: from + process / 10, to: from + 0.5 };
    });
  const calls = [
    ...steady(0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ...steady(1, [0, 1, 2, 3]),
    { process: 1, f: 'get', value: null, from: 4.1, to: null } as const,
    ...steady(1, [8, 9, 10, 11]),
  ];
  const load = loaded(historyOf(calls, [4, 8]));
  const { before, during, after } = phasesOf(load);
  expect([before, during, after]).toEqual([
    { from: second, to: 4 * second },
    { from: 4 * second, to: 8 * second },
    { from: 8 * second, to: 12 * second },
  ]);
  expect(availabilityIn({ from: second, to: 4 * second }, load)).toBeCloseTo(1);
  // One of two, and what the other was told just before.
  expect(availabilityIn({ from: 4 * second, to: 8 * second }, load)).toBeCloseTo(4.1 / 8);
  expect(latenciesOf(load)?.p50).toBeCloseTo(500, 0);
});

test('without faults all is before them', () => {
  const load = loaded(historyOf([{ process: 0, f: 'get', value: null, from: 0, to: 1 }]));
  expect(phasesOf(load)).toMatchObject({ before: { to: 12 * second }, during: null, after: null });
});

const put = (value: string, from: number, stamp: number, node: string): Call => ({
  ...{ process: from, f: 'put', value, from, to: from + 0.5 },
  version: [stamp, node],
});
const finally_ = (value: string | null): Call => ({
  ...{ process: 20, f: 'get', value, from: 13, to: 13.5 },
});

test.each([
  ['in order', [put('a', 1, 1, 'n1'), put('b', 2, 2, 'n2')], 'b', 0, 0],
  ['older than what had ended', [put('a', 1, 5, 'n1'), put('b', 2, 2, 'n2')], 'a', 1, 0],
  ['the same stamp twice', [put('a', 1, 3, 'n1'), put('b', 2, 3, 'n2')], 'b', 0, 2],
  ['in the end an older one', [put('a', 1, 1, 'n1'), put('b', 2, 2, 'n2')], 'a', 1, 0],
  ['in the end nothing', [put('a', 1, 1, 'n1'), put('b', 2, 2, 'n2')], null, 2, 0],
])('writes: %s', (_, writes, final, lost, conflicting) => {
  const load = loaded(historyOf([...writes, finally_(final)]));
  expect(writeFigures(load)).toEqual({ lost, conflicting });
});
