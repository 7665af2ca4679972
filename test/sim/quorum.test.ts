/** What each level promises; and that in the end all replicas agree, and nothing acknowledged is lost. */
import { describe, expect, it } from 'vitest';
import { simulate, simulateSubject, subjectOf } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { deletesOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum', () => {
  it('keeps its promises under 120 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('quorum', range(1, 120), 10);
    expect(coverage.get('runs')).toBe(120);
    demandCoverage(coverage, {
      'operations: ok': 6300,
      'operations: info': 490,
      'operations: refused': 780,
      'fault: kill': 58,
      'fault: power cut': 51,
      'fault: untimely power cut': 64,
      'fault: blackout': 63,
      'fault: one-way cut': 72,
      'fault: split': 65,
      'fault: pause': 51,
      'fact: torn tails cut': 47,
      'fact: failed syncs': 25,
      'fact: full disks': 5,
      'fact: journal snapshots': 500,
      'runs: went on with nodes left broken': 6,
      'fact: bytes flipped': 17,
      'fact: nodes rejoined': 14,
      'fact: record: hint': 720,
      'fact: record: collected': 59,
      'fact: sent: handoff': 430,
      'fact: sent: exchange': 510,
      'fact: sent: propose': 140,
      'fact: verdict: regular holds': 18,
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

it('brings replicas together beside a node that is heard but hears nothing, as under seed 10066', () => {
  expect(simulate({ mode: 'quorum', seed: 10066 }).violations).toEqual([]);
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
