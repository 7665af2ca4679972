import { expect, it } from 'vitest';
import { longestLegalOrder } from '../../check/legal-order.js';
import { historyOf, type Row } from '../../check/testing/rows.js';
import { effectTimes, historyOfKey, keyToShow, orderInWhole, pathAround } from './legal-path.js';
import { operationIn, placesIn } from './use-legal-order.js';

const put = (value: string, from: number, to: number, key = 'x'): Row => ({
  ...{ process: from, f: 'put', value, from, to, key },
});
/** The first write takes effect last: what is read says so. */
const history = historyOf([
  put('other', 0, 1, 'y'),
  put('1', 2, 30),
  put('2', 3, 9),
  { process: 90, f: 'get', value: '2', from: 10, to: 12 },
  { process: 90, f: 'get', value: '1', from: 13, to: 14 },
  { process: 90, f: 'get', value: 'never', from: 40, to: 41 },
]);

it('a key’s order is told in the numbers of the whole, each step at the earliest time it can be', () => {
  const { history: own, places } = historyOfKey(history, history.keys.indexOf('x'));
  const found = longestLegalOrder(own, 'x');
  if (found === null) throw new Error('there is one');
  const order = orderInWhole(found, places);
  expect(order.steps.map(({ operation }) => operation)).toEqual([2, 3, 1, 4]);
  expect(order.unplaced.map(({ operation }) => operation)).toEqual([5]);
  const times = effectTimes(order, history);
  expect([...times]).toEqual([3, 10, 10, 13]);
  expect(pathAround(order, times, 2)).toContainEqual({ operation: 1, time: 10 });
  expect(placesIn(order)).toBe(5);
  expect([3, 4, 5].map((place) => operationIn(order, place))).toEqual([4, 5, undefined]);
});

it('the key worth a look is that of what is illegal, else the busiest', () => {
  expect(keyToShow(history, 0)).toBe(history.keys.indexOf('y'));
  expect(keyToShow(history, null)).toBe(history.keys.indexOf('x'));
  expect(keyToShow(historyOf([]), null)).toBe(-1);
});
