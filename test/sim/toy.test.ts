import { describe, expect, it } from 'vitest';
import { type RunOptions, type SimulationReport, simulateSubject } from '../../src/sim/simulate.js';
import { type ToyOptions, toyRegister } from './toy-register.js';

const mix = { get: 8, put: 6, delete: 1, insert: 0, update: 0, cas: 0 };

function run(flaw: ToyOptions['flaw'], options: RunOptions): SimulationReport {
  return simulateSubject(
    {
      protocol: toyRegister,
      options: () => ({ flaw }),
      consistency: () => 'linearizable',
    },
    {
      durationMs: 1000,
      ...options,
      workload: { mix, ...options.workload },
    },
  );
}

/** Which checks complain of a flaw within some seeds. */
function complaints(flaw: ToyOptions['flaw'], options: Partial<RunOptions>): Set<string> {
  const found = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const report = run(flaw, { seed, patienceMs: 3000, ...options });
    for (const { check } of report.violations) found.add(check);
  }
  return found;
}

describe('a simulated world', () => {
  it('keeps a right register linearizable through every kind of fault', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const report = run('none', { seed });
      expect(report.violations, `seed ${seed}`).toEqual([]);
      expect(report.history.length).toBeGreaterThan(10);
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
    expect(report.violations.map(({ check }) => check)).toEqual(['livelock']);
  });
});

describe('a flawed register is found out', () => {
  it('when it forgets what it promised', () => {
    expect(complaints('forgets', { faults: ['power cut', 'blackout'] })).toContain('lost write');
  });

  it('when it reads alone', () => {
    expect(complaints('reads alone', { faults: [] })).toContain('stale read');
  });

  it('when it stamps writes without asking', () => {
    expect(complaints('writes blindly', {})).toContain('write order');
  });

  it('when it leaves replicas behind', () => {
    expect(complaints('never spreads', { faults: ['isolation'] })).toContain('convergence');
  });

  it('when it answers twice', () => {
    expect(complaints('answers twice', { faults: [] })).toContain('crash-only');
  });
});
