/**
 * The one place where a node or a daemon gets its code: nothing else knows where entry modules lie.
 *
 * The build puts them flat into `dist/`, beside whatever file this module was bundled into. Run from its source, as
 * tests do, it starts what was built last.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { memoryArguments, memoryEnvironment } from '../host/memory.js';

export type ProcessEntry = 'node-process' | 'daemon';
export type WorkerEntry = 'node-worker';

export interface DetachedOptions {
  readonly args: readonly string[];
  /** File descriptor that takes its standard output and error. */
  readonly output: number;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts a process that outlives this one, with an IPC channel until it is let go. */
export function spawnDetached(entry: ProcessEntry, options: DetachedOptions): ChildProcess {
  return spawn(
    process.execPath,
    [...memoryArguments, fileURLToPath(entryUrl(entry)), ...options.args],
    {
      detached: true,
      // Not to hold on to whatever folder the command was called in.
      cwd: '/',
      stdio: ['ignore', options.output, options.output, 'ipc'],
      env: { ...memoryEnvironment, ...options.env },
    },
  );
}

export function spawnWorker(entry: WorkerEntry, options: WorkerOptions): Worker {
  return new Worker(entryUrl(entry), options);
}

function entryUrl(entry: ProcessEntry | WorkerEntry): URL {
  const dist = import.meta.url.endsWith('.ts') ? '../../../dist/' : './';
  return new URL(`${dist}${entry}.js`, import.meta.url);
}
