/**
 * The one place where a node or a daemon gets its code: nothing else knows where that lies.
 *
 * `bin/entry.js` loads it, beside the `dist/` that this module was bundled into. Run from its source, as tests do, this
 * starts what was built last.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { memoryArguments, memoryEnvironment } from '../host/memory.js';
import { NodeLog } from '../state/log.js';

export type ProcessEntry = 'node-process' | 'daemon';
export type WorkerEntry = 'node-worker' | 'fault-worker' | 'sim-worker' | 'load-worker';

const start = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../../../bin/entry.js' : '../bin/entry.js',
    import.meta.url,
  ),
);

/** Starts a process that outlives this one, with an IPC channel until it is let go. The log takes all that it writes. */
export function spawnDetached(
  entry: ProcessEntry,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const { descriptor } = new NodeLog(logFile);
  try {
    return spawn(process.execPath, [...memoryArguments, start, entry, ...args], {
      detached: true,
      // Not to hold on to whatever folder the command was called in.
      cwd: '/',
      stdio: ['ignore', descriptor, descriptor, 'ipc'],
      env: { ...memoryEnvironment, ...env },
    });
  } finally {
    closeSync(descriptor);
  }
}

export function spawnWorker(entry: WorkerEntry, options: WorkerOptions): Worker {
  return new Worker(start, { ...options, argv: [entry] });
}
