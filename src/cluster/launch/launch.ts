/**
 * The one place where a node or a daemon gets its code: nothing else knows where that lies.
 *
 * `bin/entry.js` loads it, beside the `dist/` that this module was bundled into. Run from its source, as tests do, this
 * starts what was built last. The single executable starts itself, and `bin/image.js` in it loads the code.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { memoryEnvironment } from '../host/memory.js';
import { NodeLog } from '../state/log.js';

export type ProcessEntry = 'node-process' | 'daemon';
export type WorkerEntry = 'node-worker' | 'fault-worker' | 'sim-worker' | 'load-worker';

const script = () =>
  fileURLToPath(
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
    return spawn(process.execPath, [isSea() ? '--entry' : script(), entry, ...args], {
      detached: true,
      // Not to hold on to whatever folder the command was called in.
      cwd: '/',
      stdio: ['ignore', descriptor, descriptor, 'ipc'],
      env: { ...env, ...memoryEnvironment(env) },
    });
  } finally {
    closeSync(descriptor);
  }
}

export function spawnWorker(entry: WorkerEntry, options: WorkerOptions): Worker {
  if (!isSea()) return new Worker(script(), { ...options, argv: [entry] });
  const image = getAsset('dist/image.cjs', 'utf8');
  return new Worker(image, { ...options, eval: true, argv: ['--entry', entry] });
}

/** What comes before the words of a command when this program starts itself again. */
export const ownProgram = (): readonly string[] => (isSea() ? [] : [process.argv[1] as string]);
