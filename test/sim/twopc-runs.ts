import type { SimulateOptions } from '../../src/explore/simulate.js';

/** Mode `2pc` with a vote-timeout short enough that workers leave the pool and come back within a run. */
export function twoPhaseCommitOptions(seed: number): SimulateOptions {
  return {
    mode: '2pc',
    modeOptions: { voteTimeoutMs: 150 },
    seed,
    // Links keep their order; every third run takes even that away.
    conditions: { reorder: seed % 3 === 0 },
    workload: { levels: [null] },
    durationMs: 1500,
  };
}
