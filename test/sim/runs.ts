/** Running many seeds, whatever the mode. */
import { expect } from 'vitest';
import { Coverage, describeFailure } from '../../src/explore/report.js';
import { type RunOptions, simulate } from '../../src/explore/simulate.js';

/**
 * Runs each of `seeds` and demands that nothing is violated; every `again`th a second time, to the same trace hash: with all
 * messages as bytes, so nodes share nothing else that matters.
 */
export function runAll(
  mode: string,
  seeds: Iterable<number>,
  again: number,
  options: Omit<RunOptions, 'seed'> = {},
): Coverage {
  const coverage = new Coverage();
  for (const seed of seeds) {
    const run = { ...options, mode, seed };
    const report = simulate(run);
    if (report.violations.length > 0) expect.fail(describeFailure(run, report));
    coverage.add(report);
    if (seed % again === 0)
      expect(simulate({ ...run, encodes: true }).traceHash).toBe(report.traceHash);
  }
  return coverage;
}

export function* range(first: number, last: number): Iterable<number> {
  for (let seed = first; seed <= last; seed++) yield seed;
}

/** Demands that each of these happened at least so many times. */
export function demandCoverage(
  coverage: Coverage,
  atLeast: Readonly<Record<string, number>>,
): void {
  const missing = Object.entries(atLeast).filter(([name, count]) => coverage.get(name) < count);
  const told = missing.map(([name, count]) => `${name}: ${coverage.get(name)}, not ${count}`);
  expect(told, `${coverage}`).toEqual([]);
}
