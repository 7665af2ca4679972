/** Linearizable writes and reads, with acceptors that fail to answer in every fourth run, whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { paxosOptions } from './paxos-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode paxos', () => {
  it('keeps its promises under 500 seeds, each replayable bit by bit', () => {
    const coverage = runAll(range(1, 500), 10, paxosOptions);
    expect(coverage.get('runs')).toBe(500);
    expect(coverage.get('stale reads')).toBe(0);
    demandCoverage(coverage, {
      'operations: ok': 20_000,
      'operations: info': 1000,
      'fault: kill': 100,
      'fault: power cut': 100,
      'fault: blackout': 100,
      'fault: one-way cut': 100,
      'fault: split': 100,
      'fault: pause': 100,
      'fact: torn tails cut': 100,
      'fact: journal snapshots': 1000,
      'fact: sent: read-index': 2000,
      // Coordinators change, and nodes that were away catch up by log and by snapshot.
      'fact: sent: prepare': 5000,
      'fact: sent: learn': 500,
      'fact: sent: chunk': 100,
    });
  });
});
