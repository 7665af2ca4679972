/** "R+W>N: regular reads, and after healing all replicas agree", on four nodes, whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { quorumOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum at level quorum, on four nodes', () => {
  it('keeps its promises under 250 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll(range(1, 250), 4, (seed) => ({
      ...quorumOptions(seed, 'quorum'),
      nodes: 4,
    }));
    expect(coverage.get('runs')).toBe(250);
    demandCoverage(coverage, {
      'operations: ok': 25_000,
      'operations: info': 500,
      'fault: kill': 50,
      'fault: power cut': 50,
      'fault: blackout': 50,
      'fault: split': 50,
      'fault: clock jump': 50,
      'fact: torn tails cut': 10,
      'fact: journal snapshots': 500,
      'fact: record: hint': 500,
      'fact: record: collected': 50,
      'fact: sent: handoff': 250,
      'fact: sent: exchange': 250,
    });
  });
});
