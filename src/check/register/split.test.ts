import { describe, expect, it } from 'vitest';
import { historyOf, type Row } from '../testing/rows.js';
import { registerKinds } from './operations.js';
import { splitByKey } from './split.js';

const named = Object.entries(registerKinds);

/** Each operation of the only key as `kind expected>value`. */
function shownOf(rows: readonly Row[]): string[] {
  const history = historyOf(rows);
  const [key] = splitByKey(history);
  if (key === undefined) return [];
  const { register, values } = key;
  const text = (value: number | undefined) => history.values[values[value ?? 0] ?? 0];
  return [...register.kind].map((kind, at) => {
    const name = named.find(([, id]) => id === kind)?.[0];
    const found = name === 'cas' ? `${text(register.expected[at])}>` : '';
    return `${name} ${found}${text(register.value[at])}`;
  });
}

const at = (from: number) => ({ process: from, from, to: from + 5 });

describe('the operations of a key', () => {
  it('are what each did and saw', () => {
    expect(
      shownOf([
        { ...at(1), f: 'put', value: '1' },
        { ...at(2), f: 'get', value: '1' },
        { ...at(3), f: 'delete' },
        { ...at(4), f: 'insert', value: '2' },
        { ...at(5), f: 'update', value: '3' },
        { ...at(6), f: 'cas', value: ['3', null] },
      ]),
    ).toEqual(['write 1', 'read 1', 'write null', 'cas null>2', 'update 3', 'cas 3>null']);
  });

  it('are a read where a condition was refused, and nothing where nobody looked', () => {
    expect(
      shownOf([
        { ...at(1), f: 'cas', value: ['1', '2'], outcome: 'fail', met: '7' },
        { ...at(2), f: 'insert', value: '3', outcome: 'fail', met: '7' },
        { ...at(3), f: 'put', value: '7', outcome: 'fail' },
        { ...at(4), f: 'cas', value: ['1', '2'], outcome: 'fail' },
        { ...at(5), f: 'get', outcome: 'fail' },
      ]),
    ).toEqual(['read 7', 'read 7']);
  });

  it('leave out what nobody answered and nobody saw, through chains of it', () => {
    const open = { outcome: 'info' as const };
    expect(
      shownOf([
        { ...at(1), f: 'put', value: '1', ...open },
        { ...at(2), f: 'cas', value: ['1', '2'], ...open },
        { ...at(3), f: 'cas', value: ['2', '3'], ...open },
        { ...at(4), f: 'get', value: '3' },
        { ...at(5), f: 'put', value: '4', ...open },
        { ...at(6), f: 'cas', value: ['4', '5'], ...open },
        { ...at(7), f: 'cas', value: ['5', '4'], ...open },
      ]),
    ).toEqual(['write 1', 'cas 1>2', 'cas 2>3', 'read 3']);
  });

  it('keep all of it where somebody says only that there was something', () => {
    const rows: Row[] = [
      { ...at(1), f: 'put', value: '1', outcome: 'info' },
      { ...at(2), f: 'update', value: '2' },
    ];
    expect(shownOf(rows)).toEqual(['write 1', 'update 2']);
  });

  it('remember which failed write would have written a value', () => {
    const history = historyOf([
      { ...at(1), f: 'put', value: '7', outcome: 'fail' },
      { ...at(2), f: 'get', value: '7' },
    ]);
    expect([...(splitByKey(history)[0]?.failedWriters ?? [])]).toEqual([[1, 0]]);
  });
});
