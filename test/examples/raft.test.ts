/** Raft of examples/raft, through every kind of fault; by thousands of seeds: test/soak/raft.soak.ts. */
import { it } from 'vitest';
import raft from '../../examples/raft/raft.js';
import { addMode } from '../../src/protocols/own/own-mode.js';
import { demandCoverage, range, runAll } from '../sim/runs.js';

const { id } = addMode('raft.js', raft);

it('keeps its promises', () => {
  const coverage = runAll(id, range(1, 50), 25);
  demandCoverage(coverage, {
    'operations: ok': 1000,
    'fault: power cut': 10,
    'fault: split': 10,
    'fact: sent: install-snapshot': 50,
    'fact: journal snapshots': 100,
    'fact: verdict: strict-serializable holds': 10,
    'fact: verdict: linearizable holds': 10,
  });
});
