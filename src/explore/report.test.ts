import { expect, it } from 'vitest';
import type { Key } from '../core/key.js';
import { describeFailure } from './report.js';
import { simulate } from './simulate.js';

it('tells of a failed run what happened to the key, and what was broken meanwhile', () => {
  const options = { mode: 'quorum', seed: 3, durationMs: 400 };
  const report = simulate(options);
  const asked = report.history.map(({ operation }) => operation);
  const key = asked.flatMap((operation) => ('key' in operation ? [operation.key] : []))[0] as Key;
  const violations = [{ check: 'linearizable', key, message: 'a stale read' }];
  const text = describeFailure(options, { ...report, violations });
  expect(text).toContain('1 violations under seed 3\nlinearizable: a stale read\n');
  const lines = text
    .slice(text.indexOf(`the trace of ${key}:`))
    .split('\n')
    .slice(1);
  const types = new Set(lines.map((line) => line.trim().split(/ +/)[2]));
  for (const type of ['call', 'sent', 'delivered', 'return']) expect(types).toContain(type);
  const ofAll = /^ *[\d.]+ +(n\d )?(start|stop|begin|fault) /;
  expect(lines.filter((line) => !line.includes(key) && !ofAll.test(line))).toEqual([]);
  expect(lines.some((line) => ofAll.test(line))).toBe(true);
});

it('draws what led to a failure that is about no key, from the beginning', () => {
  const options = { mode: 'quorum', seed: 3, durationMs: 100 };
  const violations = [{ check: 'decision', key: null, message: 'n1 holds this' }];
  const text = describeFailure(options, { ...simulate(options), violations });
  const [heading, first] = text.slice(text.indexOf('what led to it:')).split('\n').slice(1);
  expect(heading).toMatch(/^ +ms +clients +n1 +n2/);
  expect(first).toMatch(/●─+[a-z]+ k\d|░░/);
  expect(text).not.toContain('rows are left out');
});
