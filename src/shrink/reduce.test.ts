import { expect, it } from 'vitest';
import { type SimulationReport, simulate } from '../explore/simulate.js';
import { reduceRun } from './reduce.js';

/** A clock that counts how often it is asked: no machine is too slow. */
function ticking(): () => number {
  let ticks = 0;
  return () => ticks++;
}

const failing = { mode: 'quorum', bug: 'quorum-hint-counts' };
const budgetOf = (forMs: number) => ({ forMs, now: ticking(), afterPromises: setImmediate });

const before = failed();

function failed(): SimulationReport {
  for (let seed = 1; ; seed++) {
    const report = simulate({ ...failing, seed });
    if (report.violations.some(({ check }) => check === 'copies')) return report;
  }
}

it('leaves of a failed run the few decisions that fail alike, and are right without the bug', async () => {
  const { options, report, runs } = await reduceRun(failing, before, budgetOf(5000));
  const { operations = [], faults = [] } = options.decisions ?? {};
  expect(before.decisions.operations.length).toBeGreaterThan(12);
  expect(operations.length + faults.length).toBeLessThanOrEqual(12);
  expect(report.violations.map(({ check }) => check)).toContain('copies');
  expect(runs).toBeLessThan(500);
  expect(simulate(options).traceHash).toBe(report.traceHash);
  const { bug, ...without } = options;
  expect(simulate(without).violations).toEqual([]);
});

it('comes as far as its budget', async () => {
  const { report, runs } = await reduceRun(failing, before, budgetOf(12));
  expect(runs).toBeLessThan(12);
  expect(report.violations.map(({ check }) => check)).toContain('copies');
});

it('leaves a run as it is that does not fail when it is repeated', async () => {
  const { report } = await reduceRun({ mode: 'quorum' }, before, budgetOf(100));
  expect(report).toBe(before);
});
