import { expect, test } from 'vitest';
import { SeededRandom } from '../../../core/random.js';
import { bruteForce } from '../brute-force.js';
import { registerKinds } from '../operations.js';
import { type RandomShape, randomOperations, randomShape } from './random-operations.js';
import { never, rowsOf } from './rows.js';

const histories = 2000;

function drawn(changes: Partial<RandomShape> = {}) {
  const random = new SeededRandom(7);
  return Array.from({ length: histories }, () =>
    randomOperations(random, { ...randomShape(random), ...changes }),
  );
}

test('about half of them are impossible', () => {
  const impossible = drawn().filter((operations) => !bruteForce(operations)).length;
  expect(impossible / histories).toBeGreaterThan(0.35);
  expect(impossible / histories).toBeLessThan(0.65);
});

test('all are possible before they are changed', () => {
  const changes = { mutated: 0, updates: 0.1 };
  expect(drawn(changes).every(bruteForce)).toBe(true);
  expect(drawn({ ...changes, valuesMax: 3 }).every(bruteForce)).toBe(true);
});

test('values are written once, unless they are to repeat', () => {
  const repeats = (operations: ReturnType<typeof randomOperations>) => {
    const written = rowsOf(operations).filter(({ kind }) => kind !== 'read');
    const values = written.map(({ value }) => value).filter((value) => value !== 0);
    return new Set([operations.initial, ...values]).size < values.length + 1;
  };
  expect(drawn().some(repeats)).toBe(false);
  expect(drawn({ valuesMax: 3 }).some(repeats)).toBe(true);
});

test('they have all there is', () => {
  const rows = drawn({ updates: 0.2 }).flatMap(rowsOf);
  for (const kind of Object.keys(registerKinds)) {
    expect(rows.some((row) => row.kind === kind)).toBe(true);
  }
  expect(rows.every(({ start, end }) => start <= end)).toBe(true);
  expect(rows.some(({ end, kind, value }) => end === never && kind === 'cas' && value === 0)).toBe(
    true,
  );
  expect(rows.some(({ end, kind }) => end === never && kind === 'read')).toBe(false);
});
