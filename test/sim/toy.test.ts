import { describe, expect, it } from 'vitest';
import { plainProfile } from '../../src/explore/profiles.js';
import {
  type RunOptions,
  type SimulationReport,
  simulateSubject,
} from '../../src/explore/simulate.js';
import { type FaultName, faultNames } from '../../src/faults/fault.js';
import { type ToyOptions, toyRegister } from './toy-register.js';

const mix = { get: 8, put: 6, delete: 1 };

function run(flaw: ToyOptions['flaw'], options: RunOptions): SimulationReport {
  return simulateSubject(
    {
      protocol: toyRegister,
      profile: plainProfile,
      membership: null,
      copiesByItself: false,
      coordinatesAlone: false,
      options: () => ({ flaw }),
      optionsWith: (options) => options,
      consistencyOf: () => 'linearizable',
    },
    {
      durationMs: 1000,
      ...options,
      workload: { mix, ...options.workload },
    },
  );
}

/** Whether some seed makes this check complain of a flaw. */
function isFoundOut(
  flaw: ToyOptions['flaw'],
  check: string,
  faults: readonly FaultName[] = faultNames,
): boolean {
  for (let seed = 1; seed <= 120; seed++) {
    const { violations } = run(flaw, { seed, phases: { patienceMs: 3000 }, faults });
    if (violations.some((violation) => violation.check === check)) return true;
  }
  return false;
}

describe('a simulated world', { timeout: 60_000 }, () => {
  it('keeps a right register linearizable through every kind of fault', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const report = run('none', { seed });
      expect(report.violations, `seed ${seed}`).toEqual([]);
      expect(report.history.length).toBeGreaterThan(5);
    }
  });

  it('does the same again under the same seed, traced or not, and something else under another', () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 20; seed++) {
      const first = run('none', { seed });
      const second = run('none', { seed, trace: true });
      expect(second.traceHash).toBe(first.traceHash);
      expect(second.history).toEqual(first.history);
      hashes.add(first.traceHash);
    }
    expect(hashes.size).toBe(20);
  });

  it('stops a run that never comes to rest', () => {
    const report = run('none', { seed: 1, eventsMax: 500 });
    expect(report.violations.map(({ check }) => check)).toEqual(['simulation']);
  });
});

describe('a flawed register is found out', { timeout: 60_000 }, () => {
  it('when it forgets what it promised', () => {
    expect(isFoundOut('forgets', 'lost write', ['power cut', 'blackout'])).toBe(true);
  });

  it('when it reads alone', () => {
    expect(isFoundOut('reads alone', 'linearizable', [])).toBe(true);
  });

  it('when it stamps writes without asking', () => {
    expect(isFoundOut('writes blindly', 'linearizable')).toBe(true);
  });

  it('when it leaves replicas behind', () => {
    expect(isFoundOut('never spreads', 'convergence', ['isolation'])).toBe(true);
  });

  it('when it answers twice', () => {
    expect(isFoundOut('answers twice', 'crash-only', [])).toBe(true);
  });
});
