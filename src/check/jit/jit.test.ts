import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { timedStages, unlimited } from '../budget.js';
import { bruteForce } from '../register/brute-force.js';
import type { RegisterOperations } from '../register/operations.js';
import { jit, judgeMany, misjudged, part } from '../register/testing/judge.js';
import { busyClients, withStaleRead } from '../register/testing/many-clients.js';
import {
  cas,
  never,
  operationsOf,
  type Row,
  read,
  remove,
  update,
  write,
} from '../register/testing/rows.js';
import { isLegalWitness } from '../register/witness.js';

const judge = (operations: RegisterOperations) => jit(operations, unlimited);

/** The verdict's type, once brute force has agreed with all of it. */
function verdictOf(rows: readonly Row[], initial = 0): string {
  const operations = operationsOf(rows, initial);
  const verdict = judge(operations);
  expect(misjudged(operations, verdict)).toBeNull();
  return verdict.type === 'violated' ? verdict.anomaly : verdict.type;
}

test('5,000 random histories are judged as brute force judges them', () => {
  const counts = judgeMany(judge, 1, 5000);
  expect(counts.violated).toBeGreaterThan(1250);
  expect(counts.holds).toBeGreaterThan(1250);
});

describe('a register', () => {
  test('of an end and a start at one time, the start is before', () => {
    expect(verdictOf([write(1, 0, 1), write(2, 1, 2), read(1, 3, 4)])).toBe('holds');
    expect(verdictOf([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)])).toBe('stale read');
  });

  test('a write may be overwritten unseen, but not after its end', () => {
    expect(verdictOf([write(1, 0, 9), write(2, 2, 3), read(2, 4, 9), read(2, 10, 11)])).toBe(
      'holds',
    );
    expect(verdictOf([write(2, 2, 3), write(1, 4, 9), read(2, 10, 11)])).toBe('stale read');
  });

  test('a write that was read early cannot be read again after another', () => {
    const rows = [write(1, 0, 20), read(1, 1, 2), write(2, 3, 4), read(2, 5, 6), read(1, 7, 8)];
    expect(verdictOf(rows)).toBe('stale read');
    expect(verdictOf([...rows, write(1, 3, 20)])).toBe('holds');
  });

  test('each of two equal writes counts once', () => {
    const flips = [read(1, 1, 2), write(2, 3, 4), read(2, 5, 6), read(1, 7, 8), write(2, 9, 10)];
    const again = [read(2, 11, 12), read(1, 13, 14)];
    const twice = [write(1, 0, never), write(1, 0, never)];
    expect(verdictOf([...twice, ...flips])).toBe('holds');
    expect(verdictOf([...twice, ...flips, ...again])).toBe('stale read');
  });

  test('of equal writes the one that ends first goes first', () => {
    const late = [write(1, 0, 20), write(1, 0, 5), read(1, 1, 2), write(2, 6, 7), read(1, 8, 9)];
    expect(verdictOf(late)).toBe('holds');
  });

  test('what may have happened never has to', () => {
    expect(verdictOf([write(1, 0, never), read(0, 1, 2)])).toBe('holds');
    expect(verdictOf([cas(0, 1, 0, never), cas(0, 2, 1, 2), read(2, 3, 4)])).toBe('holds');
    expect(verdictOf([write(1, 0, never), read(1, 1, 2), read(0, 3, 4)])).toBe('stale read');
    expect(verdictOf([read(1, 0, 1), write(1, 2, never)])).toBe('future read');
  });

  test('conditional writes find what they say they found', () => {
    expect(verdictOf([cas(0, 1, 0, 5), cas(0, 2, 0, 5)])).toBe('lost update');
    expect(verdictOf([cas(0, 1, 0, 5), cas(1, 0, 0, 5), cas(0, 2, 0, 5)])).toBe('holds');
    expect(verdictOf([write(1, 0, 1), write(2, 2, 9), cas(1, 3, 3, 4), read(2, 5, 6)])).toBe(
      'holds',
    );
    expect(verdictOf([write(1, 0, 1), remove(2, 3), update(2, 4, 5)])).toBe('contradiction');
    expect(verdictOf([update(2, 0, 1)], 7)).toBe('holds');
  });

  test('values nobody names are still not absence, and absence is not one of them', () => {
    expect(verdictOf([write(1, 0, 1), write(2, 2, 3), update(3, 4, 5)])).toBe('holds');
    expect(verdictOf([write(1, 0, 1), remove(2, 3), update(3, 4, 5)])).toBe('contradiction');
  });

  test('the initial value is there at the beginning, and not again', () => {
    expect(verdictOf([read(7, 0, 1), write(1, 2, 3)], 7)).toBe('holds');
    expect(verdictOf([read(0, 0, 1), write(1, 2, 3)], 7)).toBe('phantom read');
    expect(verdictOf([write(1, 2, 3), read(7, 4, 5)], 7)).toBe('stale read');
  });

  test('nothing happened', () => {
    expect(verdictOf([])).toBe('holds');
  });
});

describe('many clients', () => {
  const operations = busyClients(new SeededRandom(3), {
    ...{ clients: 20, operations: 1000, values: 0, reads: 0.5, cas: 0 },
  });

  test('a history of 1,000 operations has a witness', () => {
    const verdict = judge(operations);
    expect(verdict.type === 'holds' && isLegalWitness(operations, verdict.witness)).toBe(true);
  });

  test('one stale read among them is told by a few operations that are impossible alone', () => {
    const stale = withStaleRead(operations);
    const verdict = judge(stale);
    const core = verdict.type === 'violated' ? verdict.core : [];
    expect(verdict).toMatchObject({ type: 'violated', anomaly: 'stale read' });
    expect(core.length).toBeGreaterThan(2);
    expect(core.length).toBeLessThanOrEqual(6);
    expect(bruteForce(part(stale, core))).toBe(false);
  });

  test('a core is found in a window, far from the beginning of a long history', () => {
    const long = busyClients(new SeededRandom(3), {
      ...{ clients: 4, operations: 20_000, values: 3, reads: 0.5, cas: 0 },
    });
    const wrong = { ...long, value: Int32Array.from(long.value) };
    wrong.value[long.kind.lastIndexOf(0)] = 4;
    expect(judge(wrong)).toEqual({
      ...{ type: 'violated', core: [long.kind.lastIndexOf(0)], anomaly: 'phantom read' },
    });
  });

  test.each([32, 33, 65])('%i operations open at once are told apart', (open) => {
    const together = Array.from({ length: open }, (_, nth) => nth);
    const written = together.map((nth) => write(nth + 1, nth, 1000));
    const seen = together.map((nth) => read(open, nth, 2000 + nth));
    const after = together.map((nth) => read(nth + 1, 200 + 2 * nth, 201 + 2 * nth));
    expect(judge(operationsOf([...written, ...after, ...seen])).type).toBe('holds');
    const again = read(1, 900, 901);
    expect(judge(operationsOf([...written, ...after, ...seen, again])).type).toBe('violated');
    const equal = together.map((nth) => write(1, nth, never));
    const flips = together.flatMap((nth) => [
      write(2, 1000 + 4 * nth, 1001 + 4 * nth),
      read(1, 1002 + 4 * nth, 1003 + 4 * nth),
    ]);
    expect(judge(operationsOf([...equal, ...flips])).type).toBe('holds');
    const once = [write(2, 3000, 3001), read(1, 3002, 3003)];
    expect(judge(operationsOf([...equal, ...flips, ...once])).type).toBe('violated');
  });
});

describe('limits', () => {
  const hard = busyClients(new SeededRandom(3), {
    ...{ clients: 64, operations: 2000, values: 0, reads: 0.5, cas: 0.1 },
  });

  test('of time and of memory end in unknown', () => {
    let clock = 0;
    const within = (timeoutMs: number, memoryBytes: number) =>
      jit(hard, timedStages({ timeoutMs, memoryBytes, now: () => clock++ }).begin(''));
    expect(within(1000, 2 ** 40)).toEqual({ type: 'unknown', why: 'time limit' });
    expect(within(2 ** 40, 1_000_000)).toEqual({ type: 'unknown', why: 'memory limit' });
  });

  test('a violation that is known is told even when no time is left to make it small', () => {
    const operations = withStaleRead(
      busyClients(new SeededRandom(3), {
        ...{ clients: 8, operations: 400, values: 0, reads: 0.5, cas: 0 },
      }),
    );
    let questions = 0;
    const counting = () => {
      questions++;
      return null;
    };
    jit(operations, { spent: counting });
    const sizes = Array.from({ length: questions + 1 }, (_, left) => {
      let asked = 0;
      const verdict = jit(operations, { spent: () => (asked++ < left ? null : 'time limit') });
      return verdict.type === 'violated' ? verdict.core.length : 0;
    });
    expect(sizes[0]).toBe(0);
    expect(Math.max(...sizes)).toBeGreaterThan(6);
    expect(sizes.at(-1)).toBeLessThanOrEqual(6);
  });
});
