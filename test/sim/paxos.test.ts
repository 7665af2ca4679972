/** Linearizable writes and reads, with acceptors that fail to answer in every fourth run, whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { paxosOptions } from './paxos-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode paxos', () => {
  it('keeps its promises under 250 seeds, each replayable bit by bit', () => {
    const coverage = runAll(range(1, 250), 10, paxosOptions);
    expect(coverage.get('runs')).toBe(250);
    expect(coverage.get('stale reads')).toBe(0);
    demandCoverage(coverage, {
      'operations: ok': 10_000,
      'operations: info': 500,
      'fault: kill': 50,
      'fault: power cut': 50,
      'fault: blackout': 50,
      'fault: one-way cut': 50,
      'fault: split': 50,
      'fault: pause': 50,
      'fact: torn tails cut': 50,
      'fact: journal snapshots': 500,
      'fact: sent: read-index': 1_000,
      // Coordinators change, and nodes that were away catch up by log and by snapshot.
      'fact: sent: prepare': 2_500,
      'fact: sent: learn': 250,
      'fact: sent: chunk': 50,
    });
  });
});
