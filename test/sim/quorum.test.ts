/** What each level promises; and that in the end all replicas agree, and nothing acknowledged is lost. */
import { describe, expect, it } from 'vitest';
import { simulateSubject, subjectOf } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { deletesOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum', () => {
  it('keeps its promises under 120 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('quorum', range(1, 120), 10);
    expect(coverage.get('runs')).toBe(120);
    demandCoverage(coverage, {
      'operations: ok': 10000,
      'operations: info': 450,
      'operations: refused': 1300,
      'fault: kill': 60,
      'fault: power cut': 56,
      'fault: untimely power cut': 60,
      'fault: blackout': 50,
      'fault: one-way cut': 63,
      'fault: split': 59,
      'fault: pause': 64,
      'fact: torn tails cut': 45,
      'fact: failed syncs': 7,
      'fact: journal snapshots': 850,
      'runs: went on with nodes left broken': 8,
      'fact: bytes flipped': 18,
      'fact: nodes rejoined': 17,
      'fact: record: hint': 1600,
      'fact: record: collected': 78,
      'fact: sent: handoff': 610,
      'fact: sent: exchange': 720,
      'fact: sent: propose': 190,
      'fact: verdict: regular holds': 15,
      'fact: verdict: linearizable holds': 9,
    });
  });

  it('lets nothing rise from the dead under 40 seeds of deletes galore', {
    timeout: 600_000,
  }, () => {
    const coverage = runAll('quorum', range(501, 540), 10, deletesOptions);
    demandCoverage(coverage, { 'fact: record: collected': 100, 'fault: pause': 7 });
  });
});

describe('level one', () => {
  it('is found out when it is to be regular', () => {
    const subject = subjectOf(modeNamed('quorum'));
    const levels = { readLevels: ['one'], writeLevels: ['one'] } as const;
    const checks = [...range(1, 12)].flatMap((seed) => {
      const regular = { ...subject, consistencyOf: () => 'regular' as const };
      return simulateSubject(regular, { seed, workload: levels }).violations;
    });
    expect(checks.map(({ check }) => check)).toContain('regular');
  });
});
