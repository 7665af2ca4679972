/**
 * What is left of a failed run of each bug of the zoo when it is reduced by its decisions, before it becomes a scenario. Prints a
 * table: operations and faults before and after, runs, seconds of CPU, and under how many other seeds what is left fails.
 * `KVX_BUGS`: which, by name; `KVX_SECONDS`: for how long each is reduced (15).
 */
import { describe, expect, it } from 'vitest';
import { type SimulationReport, simulate } from '../../src/explore/simulate.js';
import { reduceRun } from '../../src/shrink/reduce.js';
import { bugNamed } from '../../src/zoo/bugs.js';
import seeds from '../sim/zoo-seeds.json' with { type: 'json' };

const { KVX_BUGS, KVX_SECONDS = '15' } = process.env;
const chosen = Object.entries(seeds).filter(([bug]) => KVX_BUGS?.split(',').includes(bug) ?? true);
const decisionsMax = 12;
const otherSeeds = Array.from({ length: 16 }, (_, nth) => 101 + nth);

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const sizeOf = ({ decisions: { operations, faults } }: SimulationReport): string =>
  `${operations.length} + ${faults.length}`;

describe('what is left of a run that failed', () => {
  it.each(chosen)('%s, seed %i', async (bug, seed) => {
    const { mode } = bugNamed(bug);
    const before = simulate({ mode, seed, bug });
    const began = cpuMs();
    const budget = { forMs: Number(KVX_SECONDS) * 1000, now: cpuMs, afterPromises: setImmediate };
    const { options, report, runs } = await reduceRun({ mode, bug }, before, budget);
    const seconds = ((cpuMs() - began) / 1000).toFixed(1);
    const checks = new Set(report.violations.map(({ check }) => check));
    const alike = otherSeeds.filter((other) =>
      simulate({ ...options, seed: other }).violations.some(({ check }) => checks.has(check)),
    );
    console.log(
      `| ${bug} | ${[...checks].join(', ')} | ${sizeOf(before)} | ${sizeOf(report)} | ${runs} runs | ${seconds} s | ${alike.length} of ${otherSeeds.length} |`,
    );
    const { operations = [], faults = [] } = options.decisions ?? {};
    expect(operations.length + faults.length).toBeLessThanOrEqual(decisionsMax);
    expect(simulate(options).traceHash).toBe(report.traceHash);
    const { bug: _, ...without } = options;
    expect(simulate(without).violations).toEqual([]);
  });
});
