/**
 * Every transaction, of one key or of many, is atomic on every worker and strictly serializable, whatever comes and goes.
 */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode 2pc', () => {
  it('keeps its promises under 120 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('2pc', range(1, 120), 10);
    expect(coverage.get('runs')).toBe(120);
    demandCoverage(coverage, {
      'operations: ok': 5200,
      'operations: info': 560,
      'operations: refused': 570,
      'fault: kill': 60,
      'fault: power cut': 56,
      'fault: untimely power cut': 60,
      'fault: blackout': 50,
      'fault: one-way cut': 63,
      'fault: split': 59,
      'fault: pause': 64,
      'fact: torn tails cut': 34,
      'fact: failed syncs': 5,
      'fact: journal snapshots': 830,
      'runs: went on with nodes left broken': 10,
      'fact: bytes flipped': 1,
      'fact: nodes rejoined': 1,
      'transactions: ok': 1000,
      'transactions: refused': 290,
      'transactions: fail': 260,
      'transactions: info': 130,
      'fact: nodes added': 31,
      'fact: nodes removed': 25,
      'fact: in doubt': 200,
      'fact: sent: ask': 6200,
      'fact: sent: tell': 2400,
      'fact: record: members': 450,
      'fact: sent: caught-up': 130,
      'transactions: conflict': 24,
      'fact: verdict: strict-serializable holds': 20,
      'fact: verdict: linearizable holds': 26,
    });
  });
});
