/** What each level promises; and that in the end all replicas agree, and nothing acknowledged is lost. */
import { describe, expect, it } from 'vitest';
import { simulate, simulateSubject, subjectOf } from '../../src/explore/simulate.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { deletesOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum', () => {
  it('keeps its promises under 70 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('quorum', range(1, 70), 10);
    expect(coverage.get('runs')).toBe(70);
    demandCoverage(coverage, {
      'operations: ok': 3150,
      'operations: info': 245,
      'operations: refused': 390,
      'fault: kill': 29,
      'fault: power cut': 25,
      'fault: untimely power cut': 32,
      'fault: blackout': 31,
      'fault: one-way cut': 36,
      'fault: split': 32,
      'fault: pause': 25,
      'fact: torn tails cut': 23,
      'fact: failed syncs': 12,
      'fact: full disks': 2,
      'fact: journal snapshots': 250,
      'runs: went on with nodes left broken': 3,
      'fact: bytes flipped': 8,
      'fact: nodes rejoined': 7,
      'fact: record: hint': 360,
      'fact: record: collected': 29,
      'fact: sent: handoff': 215,
      'fact: sent: exchange': 255,
      'fact: sent: propose': 70,
      'fact: verdict: regular holds': 9,
      'fact: verdict: linearizable holds': 4,
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
