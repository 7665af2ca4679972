/** Linearizable reads and writes, strictly serializable transactions, each command once: whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode paxos', () => {
  it('keeps its promises under 50 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('paxos', range(1, 50), 10);
    expect(coverage.get('runs')).toBe(50);
    demandCoverage(coverage, {
      'operations: ok': 1450,
      'operations: info': 100,
      'operations: refused': 180,
      'fault: kill': 18,
      'fault: power cut': 17,
      'fault: untimely power cut': 21,
      'fault: blackout': 20,
      'fault: one-way cut': 22,
      'fault: split': 23,
      'fault: pause': 16,
      'fault: takeovers': 9,
      'fact: torn tails cut': 18,
      'fact: failed syncs': 1,
      'fact: journal snapshots': 220,
      'runs: went on with nodes left broken': 3,
      'fact: bytes flipped': 3,
      'fact: nodes rejoined': 3,
      'transactions: ok': 255,
      'transactions: refused': 65,
      'transactions: fail': 14,
      'transactions: info': 23,
      'fact: nodes added': 7,
      'fact: nodes removed': 5,
      'fact: sent: prepare': 1050,
      'fact: sent: read-index': 600,
      'fact: sent: learn': 105,
      'fact: sent: chunk': 20,
      'fact: verdict: strict-serializable holds': 7,
      'fact: verdict: linearizable holds': 8,
      'fact: commands met again': 160,
    });
  });
});
