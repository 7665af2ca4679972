/**
 * Every transaction, of one key or of many, is atomic on every worker and strictly serializable, whatever comes and goes.
 */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode 2pc', () => {
  it('keeps its promises under 70 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('2pc', range(51, 120), 10);
    expect(coverage.get('runs')).toBe(70);
    demandCoverage(coverage, {
      'operations: ok': 1500,
      'operations: info': 255,
      'operations: refused': 145,
      'fault: kill': 29,
      'fault: power cut': 25,
      'fault: untimely power cut': 32,
      'fault: blackout': 31,
      'fault: one-way cut': 36,
      'fault: split': 32,
      'fault: pause': 25,
      'fact: torn tails cut': 14,
      'fact: failed syncs': 1,
      'fact: journal snapshots': 205,
      'runs: went on with nodes left broken': 7,
      'fact: bytes flipped': 1,
      'fact: nodes rejoined': 1,
      'transactions: ok': 285,
      'transactions: refused': 65,
      'transactions: fail': 150,
      'transactions: info': 55,
      'fact: nodes added': 14,
      'fact: nodes removed': 13,
      'fact: in doubt': 105,
      'fact: sent: ask': 2100,
      'fact: sent: tell': 650,
      'fact: record: members': 175,
      'fact: sent: caught-up': 55,
      'transactions: conflict': 4,
      'fact: verdict: strict-serializable holds': 10,
      'fact: verdict: linearizable holds': 13,
    });
  });
});
