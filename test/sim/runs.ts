/** Running many seeds, whatever the mode. */
import { expect } from 'vitest';
import { Coverage, describeFailure } from '../../src/explore/report.js';
import {
  type SimulateOptions,
  type SimulationReport,
  simulate,
} from '../../src/explore/simulate.js';

/** Runs each of `seeds` and demands that nothing is violated; every `again`th a second time, to the same trace hash. */
export function runAll(
  seeds: Iterable<number>,
  again: number,
  optionsOf: (seed: number) => SimulateOptions,
): Coverage {
  const coverage = new Coverage();
  for (const seed of seeds) {
    const options = optionsOf(seed);
    const report = demandSound(options);
    coverage.add(report);
    if (seed % again === 0) expect(simulate(options).traceHash).toBe(report.traceHash);
  }
  return coverage;
}

export function demandSound(options: SimulateOptions): SimulationReport {
  const report = simulate(options);
  if (report.violations.length > 0) expect.fail(describeFailure(options, report));
  return report;
}

export function* range(first: number, last: number): Iterable<number> {
  for (let seed = first; seed <= last; seed++) yield seed;
}

/** Demands that each of these happened at least so many times. */
export function demandCoverage(
  coverage: Coverage,
  atLeast: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(atLeast)) {
    expect(coverage.get(name), `${name} in: ${coverage}`).toBeGreaterThanOrEqual(count);
  }
}
