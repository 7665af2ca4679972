/** "Every transaction is atomic on every worker and strictly serializable", whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';
import { twoPhaseCommitOptions } from './twopc-runs.js';

describe('mode 2pc', () => {
  it('keeps its promises under 150 seeds, each replayable bit by bit', () => {
    const coverage = runAll(range(1, 150), 10, twoPhaseCommitOptions);
    expect(coverage.get('runs')).toBe(150);
    demandCoverage(coverage, {
      'operations: ok': 2750,
      'operations: info': 275,
      'fault: kill': 27,
      'fault: power cut': 27,
      'fault: blackout': 27,
      'fault: one-way cut': 27,
      'fault: split': 27,
      'fault: pause': 27,
      'fact: torn tails cut': 13,
      'fact: journal snapshots': 137,
      'fact: in doubt': 137,
      // Workers ask for decisions they missed, leave the pool, and come back by a copy.
      'fact: sent: ask': 1375,
      'fact: sent: tell': 275,
      'fact: record: members': 137,
      'fact: sent: caught-up': 55,
    });
  });
});
