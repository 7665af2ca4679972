import { describe, expect, it } from 'vitest';
import { check } from '../check.js';
import type { ModelName } from '../models.js';
import { historyOf, type Row } from '../testing/rows.js';

async function verdictsOf(rows: readonly Row[]): Promise<Partial<Record<ModelName, string>>> {
  const { models } = await check(historyOf(rows));
  return Object.fromEntries(models.map(({ model, verdict }) => [model, verdict]));
}

describe('a session', () => {
  const ada = { session: 'ada' };
  const unanswered: Row[] = [
    { process: 1, f: 'put', value: '1', from: 0, to: 5, ...ada },
    { process: 1, f: 'put', value: '2', from: 10, outcome: 'info', ...ada },
    { process: 1, f: 'get', value: '1', from: 20, to: 25, ...ada },
    { process: 3, f: 'get', value: '2', from: 30, to: 35 },
  ];

  it('goes on after what nobody answered, which may still come later', async () => {
    expect(await verdictsOf(unanswered)).toMatchObject({ linearizable: 'holds' });
    const stale: Row = { process: 4, f: 'get', value: '1', from: 40, to: 45 };
    expect(await verdictsOf([...unanswered, stale])).toMatchObject({
      linearizable: 'violated',
      'read-your-writes': 'holds',
      sequential: 'holds',
      causal: 'holds',
    });
  });

  it('does not bind what overlaps', async () => {
    const rows: Row[] = [
      { process: 1, f: 'put', value: '1', from: 0, to: 20, ...ada },
      { process: 2, f: 'get', value: null, from: 10, to: 15, ...ada },
      { process: 3, f: 'get', value: '1', from: 2, to: 4 },
    ];
    expect(await verdictsOf(rows)).toMatchObject({
      linearizable: 'violated',
      'read-your-writes': 'holds',
      causal: 'holds',
    });
  });
});

describe('absence, which any of several deletes may have brought', () => {
  const ada = { process: 3, session: 'ada' };
  const rows: Row[] = [
    { process: 1, f: 'put', value: '1', from: 0, to: 5 },
    { process: 1, f: 'delete', from: 10, to: 15 },
    { process: 1, f: 'delete', from: 20, to: 25 },
    { ...ada, f: 'get', value: '1', from: 30, to: 35 },
    { ...ada, f: 'get', value: null, from: 40, to: 45 },
  ];

  it('is newer than what the session had read, and older than what it reads then', async () => {
    const again: Row = { ...ada, f: 'get', value: '1', from: 50, to: 55 };
    expect(await verdictsOf([...rows, again])).toMatchObject({
      'monotonic-reads': 'violated',
      'read-your-writes': 'holds',
    });
    const { models } = await check(historyOf([...rows, again]), { models: ['monotonic-reads'] });
    expect(models[0]?.evidence?.because).toEqual(['it had read 1 before that, too']);
    expect(models[0]?.evidence?.operations).toHaveLength(4);
    const overlapping: Row = { ...ada, process: 4, f: 'get', value: '1', from: 42, to: 55 };
    expect(await verdictsOf([...rows, overlapping])).not.toMatchObject({
      'monotonic-reads': 'violated',
    });
    const deleted: Row = { ...rows[1], version: 7 } as Row;
    const seen: Row = { ...ada, f: 'get', value: null, from: 36, to: 38, version: 7 };
    const tombstone: Row = { ...seen, from: 50, to: 55 };
    const withTombstones = [rows[0] as Row, deleted, ...rows.slice(2), seen, tombstone];
    expect(await verdictsOf(withTombstones)).not.toMatchObject({ 'monotonic-reads': 'violated' });
    const first: Row = { process: 5, session: 'bob', f: 'get', value: '1', from: 50, to: 55 };
    expect(await verdictsOf([...rows, first])).not.toMatchObject({ 'monotonic-reads': 'violated' });
  });
});

describe('versions', () => {
  const one = { process: 1, f: 'put', value: '1', from: 0, to: 5, version: 20 } as const;
  const two = { process: 2, f: 'put', value: '2', from: 10, to: 15, version: 10 } as const;

  it('are the order of writes, whatever came first by the clock', async () => {
    const forward: Row[] = [
      ...[one, two],
      { process: 3, f: 'get', value: '2', from: 20, to: 25, version: 10 },
      { process: 3, f: 'get', value: '1', from: 30, to: 35, version: 20 },
    ];
    expect(await verdictsOf(forward)).toMatchObject({
      linearizable: 'violated',
      sequential: 'holds',
      'monotonic-reads': 'holds',
    });
    const back: Row[] = [
      ...[one, two],
      { process: 3, f: 'get', value: '1', from: 20, to: 25, version: 20 },
      { process: 3, f: 'get', value: '2', from: 30, to: 35, version: 10 },
    ];
    expect(await verdictsOf(back)).toMatchObject({
      'monotonic-reads': 'violated',
      causal: 'violated',
    });
  });

  it('say what was missed where values alone could be explained', async () => {
    const rows: Row[] = [
      ...[one, two],
      // By values alone, 1 may have come after 2.
      { process: 2, f: 'get', value: '1', from: 20, to: 25, version: 20 },
      { process: 1, f: 'get', value: '2', from: 30, to: 35, version: 10 },
    ];
    expect(await verdictsOf(rows)).toMatchObject({
      'read-your-writes': 'violated',
      'monotonic-reads': 'holds',
    });
  });

  it('do not excuse a session that read what it wrote only afterwards', async () => {
    const rows: Row[] = [
      { process: 1, f: 'get', value: '1', from: 0, to: 5, version: 1 },
      { process: 1, f: 'put', value: '1', from: 10, to: 15, version: 1 },
    ];
    expect(await verdictsOf(rows)).toMatchObject({ 'writes-follow-reads': 'violated' });
  });

  it.each([
    ['of one who wrote both', 1, [{ process: 1, f: 'put', value: '1', from: 0, to: 5 } as Row]],
    [
      'of one who had read the older',
      2,
      [
        { process: 3, f: 'put', value: '1', from: 0, to: 5 } as Row,
        { process: 2, f: 'get', value: '1', from: 6, to: 8 } as Row,
      ],
    ],
  ])('do not blame a write %s for a replica that lags', async (_, writer, before) => {
    const rows: Row[] = [
      ...before,
      { process: writer, f: 'put', value: '2', from: 10, to: 15 },
      { process: 4, f: 'get', value: '2', from: 20, to: 25 },
      { process: 4, f: 'get', value: '1', from: 30, to: 35 },
    ];
    expect(await verdictsOf(rows)).toMatchObject({
      ...{ 'monotonic-writes': 'holds', 'writes-follow-reads': 'holds' },
      ...{ sequential: 'violated', causal: 'violated' },
    });
  });

  it('are violated where two sessions each wrote after what the other wrote', async () => {
    const crossed: Row[] = [
      { process: 1, f: 'get', value: '2', from: 0, to: 5 },
      { process: 1, f: 'put', value: '1', from: 10, to: 50 },
      { process: 2, f: 'get', value: '1', from: 20, to: 25 },
      { process: 2, f: 'put', value: '2', from: 30, to: 50 },
    ];
    expect(await verdictsOf(crossed)).toMatchObject({ 'writes-follow-reads': 'violated' });
  });

  it('leave no room in what replaced what', async () => {
    const rows: Row[] = [
      { process: 1, f: 'put', value: '1', from: 0, to: 50, version: 1 },
      { process: 2, f: 'put', value: '2', from: 0, to: 50, version: 2 },
      { process: 3, f: 'cas', value: ['1', '3'], from: 0, to: 50, version: 3 },
      { process: 4, f: 'get', value: null, from: 60, to: 65 },
    ];
    expect(await verdictsOf(rows)).toMatchObject({ sequential: 'violated' });
  });
});

describe('what replaced something', () => {
  it('leaves no room for what sessions saw in between', async () => {
    const rows: Row[] = [
      { process: 1, f: 'put', value: '1', from: 0, to: 5 },
      { process: 2, f: 'cas', value: ['1', '2'], from: 0, to: 100 },
      { process: 3, f: 'get', value: '1', from: 10, to: 15 },
      { process: 3, f: 'put', value: '3', from: 20, to: 25 },
      { process: 4, f: 'get', value: '3', from: 30, to: 35 },
      { process: 4, f: 'get', value: '2', from: 40, to: 45 },
    ];
    expect(await verdictsOf(rows)).toMatchObject({ sequential: 'violated', causal: 'holds' });
  });

  it('stands in a core with who saw it, if nobody answered it', async () => {
    const rows: Row[] = [
      { process: 1, f: 'insert', value: '1', from: 0, to: 5 },
      { process: 1, f: 'insert', value: '3', from: 10, outcome: 'info' },
      { process: 2, f: 'get', value: '3', from: 20, to: 25 },
    ];
    const { evidence } = await check(historyOf(rows), { models: ['sequential'] });
    expect(evidence?.operations.map(({ label }) => label)).toEqual([
      'insert 1',
      'insert 3',
      'get → 3',
    ]);
  });
});

it('who is told of is the reader that met a replica that lags, not the writer nor another reader', async () => {
  const rows: Row[] = [
    { process: 1, f: 'put', value: '1', from: 0, to: 5 },
    { process: 1, f: 'put', value: '2', from: 10, to: 15 },
    { process: 2, f: 'get', value: '2', from: 20, to: 25 },
    { process: 3, f: 'get', value: '1', from: 30, to: 35 },
    { process: 3, f: 'get', value: '2', from: 40, to: 45 },
    { process: 2, f: 'get', value: '1', from: 50, to: 55 },
  ];
  const { models } = await check(historyOf(rows), { models: ['sequential', 'monotonic-reads'] });
  for (const { evidence } of models) {
    expect([evidence?.sentence, evidence?.because]).toEqual([
      'client 2 read 2 and then read 1',
      ['1 is older than 2: client 1 put 1 and then put 2'],
    ]);
  }
});
