import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult, KeyOperation } from '../core/operation.js';
import { type Row, rowsOf } from '../history/testing/rows.js';
import type { HistoryEntry } from './history.js';
import { toHistory, toJsonLines } from './recorded.js';
import { simulate } from './simulate.js';

const key = keyFromText('k');
const version = { stamp: 3, node: 'n2' };
const done: ClientResult = { type: 'done', version, existed: null };
const put = (value: string): KeyOperation => ({ type: 'put', key, value: Buffer.from(value) });

function entry(
  client: number,
  operation: KeyOperation,
  [invokedAt, returnedAt]: readonly [number, number],
  result: ClientResult | null,
): HistoryEntry {
  return { client, node: 'n1', operation, level: null, invokedAt, returnedAt, result };
}

const rowsIn = (...entries: HistoryEntry[]): Row[] => rowsOf(toHistory(entries));

describe('what simulated clients saw', () => {
  it('is a history on virtual time, each client a session', () => {
    const read: ClientResult = { type: 'value', value: Buffer.from('a'), version };
    const rows = rowsIn(
      entry(1, put('a'), [1, 3], done),
      entry(0, { type: 'get', key }, [2, 4.5], read),
    );
    expect(rows).toMatchObject([
      { process: 1, session: 'c1', kind: 'put', written: 'a', invokedAt: 1e6, returnedAt: 3e6 },
      { process: 0, session: 'c0', seen: 'a', returnedAt: 4.5e6, node: 'n1', version: '3@n2' },
    ]);
  });

  it('knows what a client gave up from what it never did', () => {
    const refused = { type: 'error', code: 'unavailable', definite: true, message: '' } as const;
    const rows = rowsIn(
      entry(0, put('a'), [1, Number.POSITIVE_INFINITY], null),
      entry(0, put('b'), [5, 6], refused),
      entry(0, put('c'), [7, 8], { ...refused, definite: false }),
      entry(0, put('d'), [9, 10], done),
    );
    expect(rows.map(({ process, outcome, session }) => [process, outcome, session])).toEqual([
      [0, 'info', 'c0'],
      [1, 'fail', 'c0'],
      [1, 'info', 'c0'],
      [2, 'ok', 'c0'],
    ]);
  });

  it('has lines in the order of time, and none when nothing was asked', () => {
    const lines = toJsonLines([
      entry(0, put('a'), [0, 5], done),
      entry(1, put('b'), [1, 2], done),
      entry(1, put('c'), [2, 3], done),
    ]);
    const times = [...lines.matchAll(/"time":(\d+)/g)].map(([, time]) => Number(time) / 1e6);
    expect(times).toEqual([0, 1, 2, 2, 3, 5]);
    expect(toJsonLines([])).toBe('');
  });

  it.each([1, 2, 3])('of a whole run under faults, seed %d, is a history', (seed) => {
    const { history } = simulate({ mode: 'quorum', seed, durationMs: 600 });
    const rows = rowsOf(toHistory(history));
    expect(rows.map(({ session, kind }) => `${session} ${kind}`)).toEqual(
      history.map(({ client, operation }) => `c${client} ${operation.type}`),
    );
  });
});
