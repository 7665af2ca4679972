import { describe, expect, it } from 'vitest';
import { atMost, startBudget, Undecided, unlimited, watchOf } from './budget.js';
import { solve } from './elle/polygraph.js';
import { jit } from './jit/jit.js';
import type { Budget, RegisterOperations } from './register/operations.js';
import { registerKinds } from './register/operations.js';
import { depthFirst } from './search/depth-first.js';
import { registerModel } from './search/testing/register-model.js';

/** Spent after so many questions; counts those that are asked nevertheless. */
function spentAfter(questions: number) {
  let asked = 0;
  const budget: Budget = { spent: () => (++asked > questions ? 'time limit' : null) };
  return { budget, asked: () => asked };
}

/** A value put twice, then many updates under way at once, of which a reader sees one: which came before it? */
function manyUpdates(count: number, isStale = false): RegisterOperations {
  const { write, update, read } = registerKinds;
  const updates = Array.from({ length: count }, (_, at) => [update, at + 2, 10 + at, 1000 + at]);
  const seen = isStale ? [read, 1, 2000, 2001] : [read, 2, 500, 501];
  const rows = [[write, 1, 0, 1], [write, 1, 2, 3], ...updates, seen] as [
    number,
    number,
    number,
    number,
  ][];
  return {
    count: rows.length,
    kind: Uint8Array.from(rows, ([kind]) => kind),
    value: Int32Array.from(rows, ([, value]) => value),
    expected: new Int32Array(rows.length),
    start: Float64Array.from(rows, ([, , start]) => start),
    end: Float64Array.from(rows, ([, , , end]) => end),
    initial: 0,
  };
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
      atMost(
        9,
        startBudget({ timeoutMs, memoryBytes }, () => performance.now()),
      );
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
    const budget = startBudget({ timeoutMs: 60_000, memoryBytes: 4e6 }, () => performance.now());
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
      const again = jit(only(operations, verdict.core), spentAfter(1e9).budget);
      expect(again.type).toBe('violated');
    }
    expect(violations).toBeGreaterThan(0);
  });

  it('spent ends engine 3 likewise', () => {
    const { write, read } = registerKinds;
    const calls = Array.from({ length: 300 }, (_, at) => ({
      operation: { kind: at === 299 ? read : write, value: at === 299 ? 0 : at + 1, expected: 0 },
      start: at * 2,
      end: at * 2 + 1,
    }));
    for (const questions of [3, 5, 10]) {
      const { budget, asked } = spentAfter(questions);
      expect(depthFirst(registerModel(0), calls, budget).type).toBe('violated');
      expect(asked()).toBeLessThan(questions + 4);
    }
  });
});

function only(operations: RegisterOperations, some: readonly number[]): RegisterOperations {
  const { kind, value, expected, start, end, initial } = operations;
  const { count } = { count: some.length };
  return {
    ...{ count, initial },
    kind: kind.filter((_, at) => some.includes(at)),
    value: value.filter((_, at) => some.includes(at)),
    expected: expected.filter((_, at) => some.includes(at)),
    start: start.filter((_, at) => some.includes(at)),
    end: end.filter((_, at) => some.includes(at)),
  };
}
