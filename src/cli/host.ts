import { writeFileSync } from 'node:fs';
import { listClusters, useCluster } from '../cluster/state/state.js';
import type { OperationHost } from '../operations/context.js';
import { note } from '../render/output.js';
import { written } from './written.js';

export const host: OperationHost = {
  list: () => listClusters(),
  use: (name) => useCluster(name),
  readSettings: async (path) => (await import('../config/file.js')).readPlainConfigFile(path),
  save: (path, text) => written(path, () => writeFileSync(path, text)),
  runKvx: async (...asked) => (await import('./programs/run-kvx.js')).runKvx(...asked),
};

/**
 * Runs `work`, and says on standard error what is being waited for, once that takes longer than a second, and then every
 * few: at first `doing`, then what `work` says last. An empty text says nothing.
 */
export async function watching<T>(
  doing: string,
  work: (says: (doing: string) => void) => Promise<T>,
): Promise<T> {
  let current = doing;
  const tell = (): void => {
    if (current !== '') note(`${current}…`);
    timer = setTimeout(tell, 5000);
  };
  let timer = setTimeout(tell, 1000);
  try {
    return await work((next) => {
      current = next;
    });
  } finally {
    clearTimeout(timer);
  }
}
