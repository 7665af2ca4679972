import { expect, it } from 'vitest';
import { longestLegalOrder } from './legal-order.js';
import { historyOf, type Row } from './testing/rows.js';

const put = (value: string, from: number, to: number, process = 1): Row => ({
  ...{ process, f: 'put', value, from, to },
});
const get = (value: string | null, from: number, to: number, process = 2): Row => ({
  ...{ process, f: 'get', value, from, to },
});

const stale = [put('1', 0, 1), put('2', 2, 3), get('1', 4, 9), get('2', 5, 6, 3), get('2', 10, 11)];

it('goes up to a stale read, and says what it could have seen', () => {
  expect(longestLegalOrder(historyOf(stale), 'x')).toEqual({
    key: 'x',
    steps: [
      { operation: 0, before: null, after: '1' },
      { operation: 1, before: '1', after: '2' },
      { operation: 3, before: '2', after: '2' },
    ],
    unplaced: [
      {
        operation: 2,
        why: 'client 2 read 1, but all that x held while that was under way is 2',
      },
    ],
    laterCount: 1,
    isWhole: false,
    doubt: null,
  });
});

it('is whole where the key is as it should be, and there is none of what is no register', () => {
  const history = historyOf([...stale, { ...put('7', 0, 1, 4), key: 'y' }]);
  expect(longestLegalOrder(history, 'y')).toEqual({
    ...{ key: 'y', unplaced: [], laterCount: 0, isWhole: true, doubt: null },
    steps: [{ operation: 1, before: null, after: '7' }],
  });
  expect(longestLegalOrder(history, 'z')).toBe(null);
});

it('tells of changes that hide something, and of what nobody had refused', () => {
  const lost = historyOf([
    put('1', 0, 1),
    { process: 2, f: 'cas', value: ['1', '2'], from: 2, to: 6 },
    { process: 3, f: 'cas', value: ['1', '3'], from: 3, to: 5 },
    { process: 4, f: 'update', value: '4', from: 7, to: 8, outcome: 'fail', met: null },
  ]);
  const order = longestLegalOrder(lost, 'x');
  expect(order?.steps.map(({ after }) => after)).toEqual(['1', '3']);
  expect(order?.unplaced.map(({ why }) => why)).toEqual([
    'client 2 replaced 1 by 2, which would hide from others what they found then',
  ]);
  expect(order?.laterCount).toBe(1);
});

it('begins with what the key held at first', () => {
  const history = historyOf([get('0', 0, 1), put('1', 2, 3), get('0', 4, 5)]);
  expect(longestLegalOrder(history, 'x')?.steps).toEqual([]);
  const sentence = 'x held 0 at first';
  for (const said of [{ isAssumed: false, given: '0' }, { isAssumed: true }]) {
    const order = longestLegalOrder(history, 'x', { initial: { sentence, ...said } });
    expect(order?.steps.map(({ before }) => before)).toEqual(['0', '0']);
    expect(order?.unplaced[0]?.why).toMatch(/is 1$/);
  }
});
