import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { isDiskFull } from '../core/write-problem.js';
import type { Environment } from './state/environment.js';
import { stateProblem } from './state/files.js';
import { withLock } from './state/lock.js';
import { conditionOf, type ProcessIdentity, pidfilesIn, signalProcess } from './state/pidfile.js';
import { originalOf, sweepRun } from './state/run-file.js';
import { socketFolderOf } from './state/sockets.js';
import {
  clusterFolder,
  currentName,
  listClusters,
  lockFile,
  removeFolder,
  unknownCluster,
  useCluster,
} from './state/state.js';

export interface DownOptions {
  /** Removes its data, logs and settings too. */
  readonly wipe: boolean;
  readonly env?: Environment;
}

export interface DownReport {
  readonly wasUp: boolean;
  readonly wiped: boolean;
  /** Of a folder that was copied while its cluster was up: where the original is, which was left alone. */
  readonly copyOf: string | null;
  readonly tookMs: Millis;
}

/** How long a process may take to stop in good order, and then to be gone after SIGKILL. */
const politeMs: Millis = 500;
const killedMs: Millis = 5000;
const pollMs: Millis = 2;

/**
 * Stops every node and removes sockets and pidfiles, however broken the cluster's state is; that is why it takes a
 * name (see `chooseName`). Throws a `cluster` KvxError when there is no such cluster.
 */
export async function downCluster(name: string, options: DownOptions): Promise<DownReport> {
  const env = options.env ?? process.env;
  const folder = clusterFolder(name, env);
  if (!existsSync(folder)) {
    throw definiteError('cluster', unknownCluster(name), 'See `kvx cluster list`.');
  }
  const stop = async (): Promise<DownReport> => {
    const startedAt = performance.now();
    const copyOf = originalOf(folder);
    const listed = listClusters(env).some((cluster) => cluster.name === name && cluster.up);
    const wasUp = (await stopAll(folder)) || listed;
    sweepRun(folder, socketFolderOf(folder, env));
    if (options.wipe) {
      removeFolder(folder);
      if (currentName(env) === name) useCluster(null, env);
    }
    const tookMs = Math.round(performance.now() - startedAt);
    return { wasUp, wiped: options.wipe, copyOf, tookMs };
  };
  try {
    return await withLock(lockFile(folder), stop);
  } catch (error) {
    // A full disk has no room for a lock, and stopping is the way out of it.
    if (isDiskFull(error)) return stop();
    throw stateProblem(error, folder);
  }
}

/** Removes what commands left that were killed while they had a cluster of their own. */
export async function sweepOrphans(env: Environment): Promise<void> {
  for (const { name, record } of listClusters(env)) {
    if (record?.owner === undefined || conditionOf(record.owner) !== 'gone') continue;
    // Somebody else may be at it; else the next command will try again.
    await downCluster(name, { wipe: true, env }).catch(() => {});
  }
}

/**
 * Ends what launchers that died have left halfway, and returns who that is: nodes, or `daemon`. The caller holds the lock, so
 * no launcher is at work.
 */
export async function stopOrphans(folder: string): Promise<readonly string[]> {
  const orphans = [...pidfilesIn(folder)].filter(([, { starting }]) => starting);
  await stop(orphans.map(([, pidfile]) => pidfile));
  return orphans.map(([who]) => who);
}

/** Ends every process of a cluster; false when there was none. */
export function stopAll(folder: string): Promise<boolean> {
  return stop([...pidfilesIn(folder).values()]);
}

async function stop(processes: readonly ProcessIdentity[]): Promise<boolean> {
  const living = stillThere(processes);
  // A paused process can't hear a polite word.
  for (const process of living) {
    signalProcess(process, conditionOf(process) === 'paused' ? 'SIGKILL' : 'SIGTERM');
  }
  const stubborn = await waitUntilGone(living, politeMs);
  for (const process of stubborn) signalProcess(process, 'SIGKILL');
  const immortal = await waitUntilGone(stubborn, killedMs);
  if (immortal.length > 0) {
    const pids = immortal.map(({ pid }) => pid).join(', ');
    throw new KvxError(`these processes can't be ended: ${pids}`, {
      code: 'cluster',
      definite: false,
      hint: 'They may wait for a broken disk; try again later.',
    });
  }
  return living.length > 0;
}

async function waitUntilGone(
  processes: readonly ProcessIdentity[],
  ms: Millis,
): Promise<readonly ProcessIdentity[]> {
  const deadline = performance.now() + ms;
  let left = stillThere(processes);
  while (left.length > 0 && performance.now() < deadline) {
    await delay(pollMs);
    left = stillThere(left);
  }
  return left;
}

function stillThere<T extends ProcessIdentity>(processes: readonly T[]): T[] {
  return processes.filter((process) => conditionOf(process) !== 'gone');
}
