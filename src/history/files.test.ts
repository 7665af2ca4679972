/** The recorded histories of others, as their tools wrote them (test/histories). */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toEdn } from './edn/write.js';
import { readHistory } from './files/read-file.js';
import { outcomes } from './history.js';
import { parseHistory } from './read.js';
import { rowsOf } from './testing/rows.js';

const folder = join(import.meta.dirname, '../../test/histories');

describe('the logs of etcd under Jepsen', async () => {
  const names = readdirSync(join(folder, 'etcd')).sort();
  const histories = await Promise.all(names.map((name) => readHistory(join(folder, 'etcd', name))));

  it('are all read: one register each, with as many operations as lines that begin one', () => {
    expect(histories).toHaveLength(50);
    const counts = { ok: 0, fail: 0, info: 0 };
    for (const history of histories) {
      expect(history.keys).toEqual(['register']);
      for (const code of history.outcome) counts[outcomes[code] as keyof typeof counts]++;
    }
    // What grep counts: 1,317 reads, 116 of them of nil, 1,000 writes and 222 cas; 884 cas; 299 writes and 339 cas.
    expect(counts).toEqual({ ok: 1317 + 116 + 1000 + 222, fail: 884, info: 299 + 339 });
  });

  it('say who did what, in the order of the lines', () => {
    const [history] = histories;
    const rows = rowsOf(history as (typeof histories)[number]);
    expect(rows.slice(0, 3)).toMatchObject([
      { process: 0, kind: 'get', outcome: 'ok', seen: null, invokedAt: 1, returnedAt: 7 },
      { process: 3, kind: 'get', outcome: 'ok', seen: null, invokedAt: 2, returnedAt: 6 },
      { process: 2, kind: 'put', outcome: 'ok', written: '4', invokedAt: 3, returnedAt: 10 },
    ]);
    expect(rows.filter(({ kind }) => kind === 'cas').slice(0, 2)).toMatchObject([
      { process: 2, outcome: 'ok', expected: '3', written: '0' },
      { process: 1, outcome: 'fail', expected: '0', written: '3', seen: undefined },
    ]);
  });

  it('come back from EDN', async () => {
    for (const history of histories) {
      const edn = [...toEdn(history)].join('');
      expect(rowsOf(parseHistory(edn))).toEqual(rowsOf(history));
    }
  });
});

it.each([
  ['c01-bad.txt', 38, 8, 18],
  ['c01-ok.txt', 58, 10, 31],
  ['c10-bad.txt', 405, 10, 190],
  ['c10-ok.txt', 337, 10, 176],
])('%s has %d operations on %d keys, %d of them appends', async (name, count, keys, appends) => {
  const history = await readHistory(join(folder, 'kv', name));
  expect([history.count, history.keys.length, history.steps.size]).toEqual([count, keys, appends]);
  expect(rowsOf(history).every(({ outcome }) => outcome === 'ok')).toBe(true);
});
