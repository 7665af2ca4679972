/** "R+W>N: regular reads, and after healing all replicas agree", on four nodes, whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { quorumOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum at level quorum, on four nodes', () => {
  it('keeps its promises under 150 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll(range(1, 150), 4, (seed) => ({
      ...quorumOptions(seed, 'quorum'),
      nodes: 4,
    }));
    expect(coverage.get('runs')).toBe(150);
    demandCoverage(coverage, {
      'operations: ok': 13750,
      'operations: info': 275,
      'fault: kill': 27,
      'fault: power cut': 27,
      'fault: blackout': 27,
      'fault: split': 27,
      'fault: clock jump': 27,
      'fact: torn tails cut': 5,
      'fact: journal snapshots': 275,
      'fact: record: hint': 275,
      'fact: record: collected': 27,
      'fact: sent: handoff': 137,
      'fact: sent: exchange': 137,
    });
  });
});
