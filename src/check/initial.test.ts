import { describe, expect, it } from 'vitest';
import { parseHistory } from '../history/read.js';
import { type CheckOptions, check } from './check.js';
import { historyOf, type Row } from './testing/rows.js';

const read = (value: string | null, from: number, more: Partial<Row> = {}): Row => ({
  ...{ process: from, f: 'get', value, from, to: from + 5 },
  ...more,
});
const put = (value: string, from: number, more: Partial<Row> = {}): Row => ({
  ...{ process: from, f: 'put', value, from, to: from + 5 },
  ...more,
});

async function judged(rows: readonly Row[], options: CheckOptions = {}) {
  const { initial, strongest, evidence } = await check(historyOf(rows), options);
  return { initial: initial?.sentence ?? null, isAssumed: initial?.isAssumed, strongest, evidence };
}

describe('what a key held at first', () => {
  it.each<[string, Row[]]>([
    ['nobody wrote it', [read('0', 0), put('8', 10), read('8', 20)]],
    ['only who failed, later', [read('0', 0), put('8', 10), put('0', 20, { outcome: 'fail' })]],
    [
      'others wrote it later',
      [read('0', 0), put('1', 10), put('0', 20), put('1', 30), read('1', 40)],
    ],
    ['a compare-and-set found it', [{ ...put('', 0), f: 'cas', value: ['0', '3'] }, read('3', 10)]],
    ['a put is under way', [put('1', 0, { to: 50 }), read('0', 10), read('1', 60)]],
  ])('is shown by the history: %s', async (_, rows) => {
    const { initial, isAssumed, strongest } = await judged(rows);
    expect({ initial, isAssumed, strongest }).toEqual({
      ...{ initial: 'x held 0 at first', isAssumed: true },
      strongest: 'strict-serializable',
    });
  });

  it('is told also when it is an empty text', async () => {
    expect(await judged([read('', 0), put('1', 10)])).toMatchObject({
      initial: 'x held "" at first',
    });
  });

  it('does not excuse a read that is stale', async () => {
    const rows = [read('0', 0), put('1', 10), put('2', 20), read('0', 30), put('1', 40)];
    const { initial, strongest, evidence } = await judged(rows);
    expect(initial).toBe('x held 0 at first');
    expect(strongest).toBe('sequential');
    expect(evidence?.because).toEqual(['at first there was 0']);
  });

  it.each<[string, Row[]]>([
    ['somebody found nothing there', [read(null, 0), read('0', 10), put('1', 20)]],
    ['somebody inserts, so absence is known', [read('0', 0), { ...put('1', 20), f: 'insert' }]],
    ['reads have versions', [read('0', 0, { version: 3 }), put('1', 20)]],
    ['two values were read', [read('0', 0), read('7', 0), put('1', 20)]],
    ['values are unique, and it was written later', [read('1', 0), put('1', 20)]],
    [
      'a write of it failed meanwhile',
      [read('3', 0, { to: 30 }), put('3', 10, { outcome: 'fail' })],
    ],
    ['something else had been written', [put('1', 0), read('0', 10), read('1', 20)]],
  ])('is nothing when %s', async (_, rows) => {
    expect(await judged(rows)).toMatchObject({ initial: null });
  });

  it('may differ from key to key', async () => {
    const rows = [
      read('10', 0, { key: 'a' }),
      read('20', 0, { key: 'b' }),
      put('1', 10, { key: 'a' }),
    ];
    expect(await judged(rows)).toMatchObject({
      ...{ initial: 'keys held at first: a 10, b 20', strongest: 'strict-serializable' },
    });
  });

  it('can be said', async () => {
    const rows = [read('0', 0), put('1', 20), read('1', 30)];
    expect(await judged(rows, { initial: '0' })).toMatchObject({
      ...{ isAssumed: false, strongest: 'strict-serializable' },
    });
    expect(await judged(rows, { initial: '5' })).toMatchObject({ strongest: null });
    const future = [read('1', 0), put('1', 20)];
    expect(await judged(future)).toMatchObject({ initial: null });
    expect(await judged(future, { initial: '1' })).toMatchObject({
      strongest: 'strict-serializable',
    });
  });

  it('is no longer there once it was overwritten: absence is not it', async () => {
    const rows = [read('0', 0), read(null, 10)];
    expect(await judged(rows, { initial: '0' })).toMatchObject({ strongest: null });
  });

  it('is shown by transactions, too', async () => {
    const text = (second: string) =>
      [
        ['invoke', 0, '[["r","x",null],["r","y",null]]', 0],
        ['ok', 0, '[["r","x","10"],["r","y","10"]]', 10],
        ['invoke', 1, '[["w","x","5"],["w","y","15"]]', 20],
        ['ok', 1, '[["w","x","5"],["w","y","15"]]', 30],
        ['invoke', 0, '[["r","x",null],["r","y",null]]', 40],
        ['ok', 0, `[["r","x","5"],["r","y","${second}"]]`, 50],
      ]
        .map(([type, process, value, time]) => {
          return `{"process":${process},"type":"${type}","f":"txn","value":${value},"time":${time}}\n`;
        })
        .join('');
    const whole = await check(parseHistory(text('15')));
    expect(whole).toMatchObject({ strongest: 'strict-serializable' });
    expect(whole.initial).toEqual({ sentence: 'every key held 10 at first', isAssumed: true });
    const halved = await check(parseHistory(text('10')));
    expect(halved).toMatchObject({ strongest: 'read-committed' });
    const given = await check(parseHistory(text('10')), { initial: '10' });
    expect(given).toMatchObject({ strongest: 'read-committed', initial: { isAssumed: false } });
    const other = await check(parseHistory(text('15')), { initial: '11' });
    expect(other.strongest).toBeNull();
  });
});
