import { describe, expect, test } from 'vitest';
import { bruteForce } from './brute-force.js';
import { cas, never, operationsOf, read, remove, update, write } from './testing/rows.js';
import { isLegalWitness } from './witness.js';

const linearizable = (...args: Parameters<typeof operationsOf>) =>
  bruteForce(operationsOf(...args));

describe('by trying all orders', () => {
  test('a read sees the write before it, and not one that was overwritten', () => {
    expect(linearizable([write(1, 0, 1), read(1, 2, 3)])).toBe(true);
    expect(linearizable([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)])).toBe(false);
  });

  test('of an end and a start at the same time, either may be first', () => {
    expect(linearizable([write(1, 0, 1), write(2, 1, 2), read(1, 3, 4)])).toBe(true);
    expect(linearizable([write(1, 0, 1), write(2, 2, 3), read(1, 4, 4)])).toBe(false);
  });

  test('what may have happened can come late, or be left out', () => {
    expect(linearizable([write(1, 0, never), read(0, 1, 2), read(1, 3, 4)])).toBe(true);
    expect(linearizable([write(1, 0, never), read(0, 1, 2)])).toBe(true);
    expect(linearizable([write(1, 0, never), read(1, 1, 2), read(0, 3, 4)])).toBe(false);
    expect(linearizable([read(1, 0, 1), write(1, 2, never)])).toBe(false);
  });

  test('conditional writes find what they say they found', () => {
    expect(linearizable([write(1, 0, 1), cas(1, 2, 2, 3), read(2, 4, 5)])).toBe(true);
    expect(linearizable([write(1, 0, 1), cas(1, 2, 2, 5), cas(1, 3, 2, 5)])).toBe(false);
    expect(linearizable([cas(0, 1, 0, 1), cas(0, 2, 2, 3)])).toBe(false);
    expect(linearizable([cas(0, 1, 0, 1), cas(1, 0, 2, 3), cas(0, 2, 4, 5)])).toBe(true);
    expect(linearizable([update(1, 0, 1)])).toBe(false);
    expect(linearizable([update(1, 0, 1)], 7)).toBe(true);
    expect(linearizable([remove(0, 1), update(1, 2, 3)], 7)).toBe(false);
  });

  test('the initial value is there at the beginning and not again', () => {
    expect(linearizable([read(7, 0, 1), write(1, 2, 3)], 7)).toBe(true);
    expect(linearizable([read(7, 4, 5), write(1, 2, 3)], 7)).toBe(false);
    expect(linearizable([read(0, 0, 1)], 7)).toBe(false);
  });
});

describe('a witness is legal', () => {
  const operations = operationsOf([
    write(1, 0, 1),
    read(1, 2, 5),
    write(2, 3, 6),
    remove(4, never),
  ]);
  const isLegal = (...order: number[]) => isLegalWitness(operations, Int32Array.from(order));

  test('when it has what surely happened, in an order that time allows', () => {
    expect(isLegal(0, 1, 2)).toBe(true);
    expect(isLegal(0, 1, 2, 3)).toBe(true);
  });

  test('not when something is missing, or there twice, or unknown', () => {
    expect(isLegal(0, 1)).toBe(false);
    expect(isLegal(0, 1, 1, 2)).toBe(false);
    expect(isLegal(0, 1, 2, 4)).toBe(false);
  });

  test('not when a value is wrong', () => {
    expect(isLegal(0, 2, 1)).toBe(false);
    expect(isLegal(0, 3, 1, 2)).toBe(false);
  });

  test('not when one comes after another that it ended before', () => {
    const inTurn = operationsOf([write(1, 0, 1), write(2, 2, 3)]);
    expect(isLegalWitness(inTurn, Int32Array.of(1, 0))).toBe(false);
    expect(isLegalWitness(inTurn, Int32Array.of(0, 1))).toBe(true);
    const touching = operationsOf([write(1, 0, 2), write(2, 2, 3)]);
    expect(isLegalWitness(touching, Int32Array.of(1, 0))).toBe(true);
  });
});
