import type { Cluster } from '../state/state.js';
import { ProcessesRunner } from './processes-runner.js';
import type { Runner } from './runner.js';
import { ThreadsRunner } from './threads-runner.js';

export function runnerOf(cluster: Cluster): Runner {
  const { runtime } = cluster.record;
  return runtime === 'threads' ? new ThreadsRunner(cluster) : new ProcessesRunner(cluster);
}
