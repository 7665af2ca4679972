/** Linearizable writes and reads, with acceptors that fail to answer in every fourth run, whatever comes and goes. */
import { describe, expect, it } from 'vitest';
import { paxosOptions } from './paxos-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode paxos', () => {
  it('keeps its promises under 150 seeds, each replayable bit by bit', () => {
    const coverage = runAll(range(1, 150), 10, paxosOptions);
    expect(coverage.get('runs')).toBe(150);
    expect(coverage.get('stale reads')).toBe(0);
    demandCoverage(coverage, {
      'operations: ok': 5500,
      'operations: info': 275,
      'fault: kill': 27,
      'fault: power cut': 27,
      'fault: blackout': 27,
      'fault: one-way cut': 27,
      'fault: split': 27,
      'fault: pause': 27,
      'fact: torn tails cut': 27,
      'fact: journal snapshots': 275,
      'fact: sent: read-index': 550,
      // Coordinators change, and nodes that were away catch up by log and by snapshot.
      'fact: sent: prepare': 1375,
      'fact: sent: learn': 137,
      'fact: sent: chunk': 27,
    });
  });
});
