import { describe, expect, it } from 'vitest';
import { atMost, type Budget, timedStages, Undecided, unlimited, watchOf } from './budget.js';
import { solve } from './elle/polygraph.js';
import type { RegisterOperations } from './register/operations.js';
import { jit, part } from './register/testing/judge.js';
import { operationsOf, read, update, write } from './register/testing/rows.js';
import { depthFirst } from './search/depth-first.js';
import { registerCalls, registerModel } from './search/testing/register-model.js';

/** Spent after so many questions; counts those that are asked nevertheless. */
function spentAfter(questions: number) {
  let asked = 0;
  const budget: Budget = { spent: () => (++asked > questions ? 'time limit' : null) };
  return { budget, asked: () => asked };
}

/** A value put twice, then many updates under way at once, of which a reader sees one: which came before it? */
function manyUpdates(count: number, isStale = false): RegisterOperations {
  const updates = Array.from({ length: count }, (_, at) => update(at + 2, 10 + at, 1000 + at));
  const seen = isStale ? read(1, 2000, 2001) : read(2, 500, 501);
  return operationsOf([write(1, 0, 1), write(1, 2, 3), ...updates, seen]);
}

describe('a limit inside kvx', () => {
  it('says its own name, and no limit of the user', () => {
    const budget = atMost(1, unlimited);
    expect(budget.spent(0)).toBeNull();
    expect(budget.spent(0)).toContain('more --timeout does not help');
    expect(solve(300_000, [], [], unlimited)).toMatchObject({
      ...{ type: 'unknown', why: expect.stringContaining('more --memory does not help') },
    });
  });

  it('gives way to those of the user', () => {
    const limits = (timeoutMs: number, memoryBytes: number) =>
      atMost(9, timedStages({ timeoutMs, memoryBytes, now: () => performance.now() }).begin(''));
    expect(limits(-1, 1e9).spent(0)).toBe('time limit');
    expect(limits(1e9, 10).spent(11)).toBe('memory limit');
    expect(solve(300_000, [], [], limits(1e9, 1e9))).toMatchObject({ why: 'memory limit' });
  });
});

describe('a budget', () => {
  it('is asked now and then by what has a long way to go', () => {
    const { budget, asked } = spentAfter(1);
    const watch = watchOf(budget);
    for (let step = 0; step < 20_000; step++) watch(1);
    expect(asked()).toBe(1);
    expect(() => watch(20_000)).toThrow(Undecided);
  });

  it('of memory ends a search whose tables outgrow it', () => {
    const budget = timedStages({
      timeoutMs: 60_000,
      memoryBytes: 4e6,
      now: () => performance.now(),
    }).begin('');
    expect(jit(manyUpdates(60), budget)).toEqual({ type: 'unknown', why: 'memory limit' });
  });

  it('of time ends a search, whenever it is spent', () => {
    const { budget, asked } = spentAfter(50);
    expect(jit(manyUpdates(60), budget)).toEqual({ type: 'unknown', why: 'time limit' });
    expect(asked()).toBeLessThan(55);
  });

  it('spent while a core is made smaller leaves a violation as it is, and nobody asks for long', () => {
    const operations = manyUpdates(3, true);
    const whole = jit(operations, spentAfter(1e9).budget);
    expect(whole.type).toBe('violated');
    let violations = 0;
    for (let questions = 0; questions < 60; questions++) {
      const { budget, asked } = spentAfter(questions);
      const verdict = jit(operations, budget);
      expect(asked()).toBeLessThan(questions + 4);
      if (verdict.type !== 'violated') continue;
      violations += 1;
      const again = jit(part(operations, verdict.core), spentAfter(1e9).budget);
      expect(again.type).toBe('violated');
    }
    expect(violations).toBeGreaterThan(0);
  });

  it('spent ends engine 3 likewise', () => {
    const writes = Array.from({ length: 299 }, (_, at) => write(at + 1, at * 2, at * 2 + 1));
    const operations = operationsOf([...writes, read(0, 598, 599)]);
    for (const questions of [3, 5, 10]) {
      const { budget, asked } = spentAfter(questions);
      expect(depthFirst(registerModel(operations), registerCalls(operations), budget).type).toBe(
        'violated',
      );
      expect(asked()).toBeLessThan(questions + 4);
    }
  });
});
