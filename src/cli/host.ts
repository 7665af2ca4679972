import { listClusters, useCluster } from '../cluster/state/state.js';
import type { OperationHost } from '../operations/context.js';

/** What operations need of this machine. */
export const host: OperationHost = {
  list: () => listClusters(),
  use: (name) => useCluster(name),
  runKvx: async (...asked) => (await import('./programs/run-kvx.js')).runKvx(...asked),
};
