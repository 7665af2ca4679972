import type { Cluster } from '../state/state.js';
import { ProcessesRunner } from './processes-runner.js';
import type { NodeRunner } from './runner.js';
import { ThreadsRunner } from './threads-runner.js';

export function runnerOf(cluster: Cluster): NodeRunner {
  const { runtime } = cluster.record;
  return runtime === 'threads' ? new ThreadsRunner(cluster) : new ProcessesRunner(cluster);
}
