/** Linearizable reads and writes, strictly serializable transactions, each command once: whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode paxos', () => {
  it('keeps its promises under 80 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('paxos', range(1, 80), 10);
    expect(coverage.get('runs')).toBe(80);
    demandCoverage(coverage, {
      'operations: ok': 5400,
      'operations: info': 200,
      'operations: refused': 730,
      'fault: kill': 40,
      'fault: power cut': 37,
      'fault: untimely power cut': 40,
      'fault: blackout': 33,
      'fault: one-way cut': 42,
      'fault: split': 39,
      'fault: pause': 43,
      'fact: torn tails cut': 36,
      'fact: failed syncs': 7,
      'fact: journal snapshots': 550,
      'runs: went on with nodes left broken': 8,
      'fact: bytes flipped': 5,
      'fact: nodes rejoined': 5,
      'transactions: ok': 870,
      'transactions: refused': 240,
      'transactions: fail': 23,
      'transactions: info': 34,
      'fact: nodes added': 17,
      'fact: nodes removed': 15,
      'fact: commands met again': 150,
      'fact: sent: prepare': 2000,
      'fact: sent: read-index': 1900,
      'fact: sent: learn': 340,
      'fact: sent: chunk': 48,
      'fact: verdict: strict-serializable holds': 13,
      'fact: verdict: linearizable holds': 18,
    });
  });
});
