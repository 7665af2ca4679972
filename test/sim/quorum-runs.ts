import type { RunOptions } from '../../src/explore/simulate.js';
import type { FaultName } from '../../src/faults/fault.js';

/** All that do not stretch how long a message lives, which the grace period here would be too short for. */
const shortFaults: readonly FaultName[] = [
  ...(['kill', 'power cut', 'untimely power cut', 'blackout', 'pause'] as const),
  ...(['one-way cut', 'isolation', 'split', 'flapping', 'loss'] as const),
  ...(['duplication', 'clock jump'] as const),
];

/** Many deletes, and tombstones that go as soon as they may. */
export const deletesOptions: Omit<RunOptions, 'seed'> = {
  faults: shortFaults,
  modeOptions: { graceMs: 100 },
  conditions: { latencyMsMax: 30 },
  workload: {
    readLevels: ['quorum'],
    writeLevels: ['quorum'],
    mix: { get: 5, put: 4, delete: 5, insert: 1, update: 1, cas: 2 },
  },
};
