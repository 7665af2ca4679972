import type { SimulateOptions } from '../../src/explore/simulate.js';

/** Mode `paxos` with times short enough that coordinators come and go within a run; some runs with lazy acceptors. */
export function paxosOptions(seed: number): SimulateOptions {
  return {
    mode: 'paxos',
    modeOptions: {
      heartbeatMs: 25,
      suspicionMs: 100,
      failRate: seed % 4 === 0 ? 0.3 : 0,
    },
    seed,
    // Links keep their order; every third run takes even that away.
    conditions: { reorder: seed % 3 === 0 },
    workload: { levels: ['linearizable'] },
    durationMs: 1500,
  };
}
