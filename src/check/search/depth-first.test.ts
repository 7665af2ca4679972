import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { readHistory } from '../../history/files/read-file.js';
import { timedStages, unlimited } from '../budget.js';
import type { RegisterOperations, RegisterVerdict } from '../register/operations.js';
import { anyShape, misjudged } from '../register/testing/judge.js';
import { randomOperations } from '../register/testing/random-operations.js';
import { depthFirst, isReplayable } from './depth-first.js';
import type { Call, Model } from './model.js';
import { registerCalls, registerModel } from './testing/register-model.js';
import { type TextOperation, textCallsByKey, textModel } from './texts.js';

function asRegister(operations: RegisterOperations): RegisterVerdict {
  const verdict = depthFirst(registerModel(operations), registerCalls(operations), unlimited);
  if (verdict.type === 'unknown') return verdict;
  if (verdict.type === 'holds') return { ...verdict, witness: Int32Array.from(verdict.witness) };
  return { ...verdict, anomaly: 'contradiction' };
}

test('2,000 random registers are judged as brute force judges them', () => {
  const random = new SeededRandom(1);
  for (let at = 0; at < 2000; at++) {
    const operations = randomOperations(random, anyShape(random));
    expect(misjudged(operations, asRegister(operations))).toBeNull();
  }
});

describe('texts to append to', () => {
  const folder = join(import.meta.dirname, '../../../test/histories/kv');

  test.each(readdirSync(folder).filter((name) => name.endsWith('.txt')))('%s', async (name) => {
    const keys = [...textCallsByKey(await readHistory(join(folder, name))).values()];
    const verdicts = keys.map((asked) => {
      const calls = asked.map(({ call, operation }) => ({ ...call, operation }));
      return depthFirst(textModel, calls, unlimited);
    });
    const types = new Set(verdicts.map(({ type }) => type));
    expect([...types].sort()).toEqual(name.includes('-ok') ? ['holds'] : ['holds', 'violated']);
  });

  const get = (text: string, start: number, end: number) => call('get', text, start, end);
  const append = (text: string, start: number, end: number) => call('append', text, start, end);

  test('an append may be seen before it ends, and never undone', () => {
    const fine = [
      append('a', 0, 9),
      get('', 1, 2),
      get('a', 3, 4),
      append('b', 5, 6),
      get('ab', 7, 8),
    ];
    expect(depthFirst(textModel, fine, unlimited)).toEqual({
      type: 'holds',
      witness: [1, 0, 2, 3, 4],
    });
    const lost = [...fine, append('c', 10, 11), get('c', 12, 13)];
    expect(depthFirst(textModel, lost, unlimited)).toEqual({ type: 'violated', core: [2, 6] });
  });

  test('one that nobody knows about may be seen or not, but not twice', () => {
    const never = Number.POSITIVE_INFINITY;
    const calls = [append('a', 0, never), get('', 1, 2)];
    expect(depthFirst(textModel, calls, unlimited).type).toBe('holds');
    expect(depthFirst(textModel, [...calls, get('a', 3, 4)], unlimited).type).toBe('holds');
    expect(depthFirst(textModel, [...calls, get('aa', 3, 4)], unlimited)).toEqual({
      ...{ type: 'violated', core: [2] },
    });
  });

  test('of an end and a start at one time, the start is before', () => {
    expect(depthFirst(textModel, [append('a', 0, 1), get('', 1, 2)], unlimited).type).toBe('holds');
    expect(depthFirst(textModel, [append('a', 0, 1), get('', 2, 3)], unlimited).type).toBe(
      'violated',
    );
  });
});

/** A model as a user brings it: a queue. */
const queue: Model<readonly number[], { readonly put?: number; readonly got?: number }> = {
  initial: [],
  step: (state, { put, got }) =>
    put === undefined ? [state[0] === got, state.slice(1)] : [true, [...state, put]],
  equal: (a, b) => `${a}` === `${b}`,
  hash: (state) => state.length,
};

test('a model of a user', () => {
  const calls = [{ put: 1 }, { put: 2 }, { got: 2 }, { got: 1 }].map((operation, at) => ({
    ...{ operation, start: at, end: at + 1.5 },
  }));
  expect(depthFirst(queue, calls, unlimited)).toMatchObject({ type: 'holds' });
  const apart = calls.map((call) => ({ ...call, end: call.start + 0.5 }));
  expect(depthFirst(queue, apart, unlimited).type).toBe('violated');
});

test('limits of time and of memory end in unknown', () => {
  const random = new SeededRandom(1);
  const calls = Array.from({ length: 40 }, (_, at) =>
    call('append', String(random.below(10)), 0, 1 + at / 100),
  );
  const impossible = [...calls, call('get', 'x', 2, 3)];
  const now = () => performance.now();
  const inTime = timedStages({ timeoutMs: 50, memoryBytes: 2 ** 40, now }).begin('');
  expect(depthFirst(textModel, impossible, inTime)).toEqual({ type: 'unknown', why: 'time limit' });
  const inSpace = timedStages({ timeoutMs: 2 ** 40, memoryBytes: 1e7, now }).begin('');
  expect(depthFirst(textModel, impossible, inSpace)).toEqual({
    type: 'unknown',
    why: 'memory limit',
  });
});

test('what is not a witness', () => {
  const calls = [call('append', 'a', 0, 1), call('append', 'b', 2, 3), call('get', 'ab', 4, 5)];
  expect(isReplayable(textModel, calls, [0, 1, 2])).toBe(true);
  for (const wrong of [
    [1, 0, 2],
    [0, 1],
    [0, 1, 2, 2],
    [0, 2, 1],
    [1, 2, 0],
  ]) {
    expect(isReplayable(textModel, calls, wrong)).toBe(false);
  }
});

function call(f: 'get' | 'append', text: string, start: number, end: number): Call<TextOperation> {
  return { operation: { f, text }, start, end };
}
