/** "Every transaction is atomic on every worker and strictly serializable", whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';
import { twoPhaseCommitOptions } from './twopc-runs.js';

describe('mode 2pc', () => {
  it('keeps its promises under 500 seeds, each replayable bit by bit', () => {
    const coverage = runAll(range(1, 500), 10, twoPhaseCommitOptions);
    expect(coverage.get('runs')).toBe(500);
    demandCoverage(coverage, {
      'operations: ok': 10_000,
      'operations: info': 1000,
      'fault: kill': 100,
      'fault: power cut': 100,
      'fault: blackout': 100,
      'fault: one-way cut': 100,
      'fault: split': 100,
      'fault: pause': 100,
      'fact: torn tails cut': 50,
      'fact: journal snapshots': 500,
      'fact: in doubt': 500,
      // Workers ask for decisions they missed, leave the pool, and come back by a copy.
      'fact: sent: ask': 5000,
      'fact: sent: tell': 1000,
      'fact: record: members': 500,
      'fact: sent: caught-up': 200,
    });
  });
});
