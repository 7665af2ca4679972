/** "R+W>N: regular reads, and after healing all replicas agree", on four nodes, whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { quorumOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum at level quorum, on four nodes', () => {
  it('keeps its promises under 500 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll(range(1, 500), 4, (seed) => ({
      ...quorumOptions(seed, 'quorum'),
      nodes: 4,
    }));
    expect(coverage.get('runs')).toBe(500);
    demandCoverage(coverage, {
      'operations: ok': 50_000,
      'operations: info': 1000,
      'fault: kill': 100,
      'fault: power cut': 100,
      'fault: blackout': 100,
      'fault: split': 100,
      'fault: clock jump': 100,
      'fact: torn tails cut': 20,
      'fact: journal snapshots': 1000,
      'fact: record: hint': 1000,
      'fact: record: collected': 100,
      'fact: sent: handoff': 500,
      'fact: sent: exchange': 500,
    });
  });
});
