import type { Level } from '../../src/core/operation.js';
import type { FaultName } from '../../src/explore/faults.js';
import type { SimulateOptions } from '../../src/explore/simulate.js';

/** Mode `quorum` with everything that takes time made short, so that it all happens within a second or two. */
export function quorumOptions(seed: number, ...levels: Level[]): SimulateOptions {
  return {
    mode: 'quorum',
    modeOptions: {
      virtualNodes: 8,
      heartbeatMs: 80,
      suspicionMs: 200,
      resendMs: 60,
      handoffMs: 60,
      antiEntropyMs: 150,
      graceMs: 300,
    },
    seed,
    workload: { levels },
    // With what links hold back at most, less than the grace period: what the collection of tombstones counts on.
    conditions: { latencyMsMax: 90 },
    durationMs: 1500,
  };
}

/** All that do not stretch how long a message lives, which the grace period here would be too short for. */
const shortFaults: readonly FaultName[] = [
  'kill',
  'power cut',
  'untimely power cut',
  'blackout',
  'pause',
  'one-way cut',
  'isolation',
  'split',
  'flapping',
  'loss',
  'duplication',
  'clock jump',
];

/** Many deletes, and tombstones that go as soon as they may. */
export function deletesOptions(seed: number): SimulateOptions {
  const options = quorumOptions(seed, 'quorum');
  return {
    ...options,
    faults: shortFaults,
    modeOptions: { ...options.modeOptions, graceMs: 100 },
    conditions: { latencyMsMax: 30 },
    workload: {
      ...options.workload,
      mix: { get: 5, put: 4, delete: 5, insert: 1, update: 1, cas: 2 },
    },
    // Every other run goes on after all is quiet, when the last tombstones go.
    afterglowMs: seed % 2 === 0 ? 300 : 0,
  };
}
