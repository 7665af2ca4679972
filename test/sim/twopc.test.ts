/** "Every transaction is atomic on every worker and strictly serializable", whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';
import { twoPhaseCommitOptions } from './twopc-runs.js';

describe('mode 2pc', () => {
  it('keeps its promises under 250 seeds, each replayable bit by bit', () => {
    const coverage = runAll(range(1, 250), 10, twoPhaseCommitOptions);
    expect(coverage.get('runs')).toBe(250);
    demandCoverage(coverage, {
      'operations: ok': 5_000,
      'operations: info': 500,
      'fault: kill': 50,
      'fault: power cut': 50,
      'fault: blackout': 50,
      'fault: one-way cut': 50,
      'fault: split': 50,
      'fault: pause': 50,
      'fact: torn tails cut': 25,
      'fact: journal snapshots': 250,
      'fact: in doubt': 250,
      // Workers ask for decisions they missed, leave the pool, and come back by a copy.
      'fact: sent: ask': 2_500,
      'fact: sent: tell': 500,
      'fact: record: members': 250,
      'fact: sent: caught-up': 100,
    });
  });
});
