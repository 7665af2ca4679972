/** Linearizable reads and writes, strictly serializable transactions, each command once: whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode paxos', () => {
  it('keeps its promises under 80 seeds, each replayable bit by bit', { timeout: 600_000 }, () => {
    const coverage = runAll('paxos', range(1, 80), 10);
    expect(coverage.get('runs')).toBe(80);
    demandCoverage(coverage, {
      'operations: ok': 2900,
      'operations: info': 200,
      'operations: refused': 360,
      'fault: kill': 36,
      'fault: power cut': 34,
      'fault: untimely power cut': 42,
      'fault: blackout': 40,
      'fault: one-way cut': 45,
      'fault: split': 46,
      'fault: pause': 32,
      'fault: takeovers': 18,
      'fact: torn tails cut': 36,
      'fact: failed syncs': 2,
      'fact: journal snapshots': 440,
      'runs: went on with nodes left broken': 6,
      'fact: bytes flipped': 7,
      'fact: nodes rejoined': 7,
      'transactions: ok': 510,
      'transactions: refused': 130,
      'transactions: fail': 28,
      'transactions: info': 46,
      'fact: nodes added': 14,
      'fact: nodes removed': 10,
      'fact: sent: prepare': 2100,
      'fact: sent: read-index': 1200,
      'fact: sent: learn': 210,
      'fact: sent: chunk': 41,
      'fact: verdict: strict-serializable holds': 14,
      'fact: verdict: linearizable holds': 17,
      'fact: commands met again': 320,
    });
  });
});
