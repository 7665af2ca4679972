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
      'operations: ok': 3000,
      'operations: info': 510,
      'operations: refused': 290,
      'fault: kill': 58,
      'fault: power cut': 51,
      'fault: untimely power cut': 64,
      'fault: blackout': 63,
      'fault: one-way cut': 72,
      'fault: split': 65,
      'fault: pause': 51,
      'fact: torn tails cut': 29,
      'fact: failed syncs': 2,
      'fact: journal snapshots': 410,
      'runs: went on with nodes left broken': 14,
      'fact: bytes flipped': 1,
      'fact: nodes rejoined': 1,
      'transactions: ok': 570,
      'transactions: refused': 130,
      'transactions: fail': 300,
      'transactions: info': 110,
      'fact: nodes added': 28,
      'fact: nodes removed': 26,
      'fact: in doubt': 210,
      'fact: sent: ask': 4200,
      'fact: sent: tell': 1300,
      'fact: record: members': 350,
      'fact: sent: caught-up': 110,
      'transactions: conflict': 9,
      'fact: verdict: strict-serializable holds': 21,
      'fact: verdict: linearizable holds': 26,
    });
  });
});
