import type { ChildProcess } from 'node:child_process';
import type { Millis, NodeId } from '../../core/ids.js';
import { identify, pidfileOf, writePidfile } from '../state/pidfile.js';
import { logFile } from '../state/state.js';
import { type ProcessEntry, spawnDetached } from './launch.js';
import type { NodeFailure, StartOrder, Startup } from './startup.js';

/** A journal of gigabytes takes its time; a process that hangs must not hang its launcher. */
const startMsMax: Millis = 120_000;

export interface Launch {
  readonly entry: ProcessEntry;
  /** The cluster's. */
  readonly folder: string;
  /** The node, or `daemon`. */
  readonly who: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A node answers; `note`: what a user should hear of it. */
export type OnReady = (node: NodeId, note: string | null) => void;

/** `all`: when one node fails, none is left running. `some`: those that started stay. */
export type StartKind = 'all' | 'some';

/**
 * Starts processes side by side and lets them go once each is ready or has failed; what went wrong with each is returned.
 * When `signal` aborts, all are killed and its reason is thrown.
 */
export async function launchAll(
  launches: readonly Launch[],
  signal: AbortSignal,
  onReady: OnReady,
  kind: StartKind,
): Promise<readonly NodeFailure[]> {
  signal.throwIfAborted();
  const children: Child[] = [];
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal });
  });
  try {
    // On a full disk each of these steps may fail; nobody that was started by then may stay.
    for (const launch of launches) children.push(new Child(launch, onReady));
    for (const child of children) child.begin();
    const outcomes = await Promise.race([
      Promise.all(children.map((child) => child.started)),
      aborted,
    ]);
    const failures = outcomes.flatMap((outcome) => outcome.failures);
    const mayStay = failures.length === 0 || kind === 'some';
    const end = (child: Child, at: number) =>
      mayStay && outcomes[at]?.isReady ? child.letGo() : child.kill();
    await Promise.all(children.map(end));
    return failures;
  } catch (error) {
    await Promise.all(children.map((child) => child.kill()));
    throw error;
  } finally {
    over.abort();
  }
}

interface Outcome {
  readonly isReady: boolean;
  readonly failures: readonly NodeFailure[];
}

class Child {
  readonly started: Promise<Outcome>;
  readonly #process: ChildProcess;
  readonly #pidfile: string;
  readonly #exited: Promise<void>;

  constructor({ entry, folder, who, args, env }: Launch, onReady: OnReady) {
    const child = spawnDetached(entry, args, logFile(folder, who), env);
    this.#process = child;
    this.#pidfile = pidfileOf(folder, who);
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    this.started = new Promise((resolve) => {
      const settle = (isReady: boolean, failures: readonly NodeFailure[]): void => {
        clearTimeout(timer);
        resolve({ isReady, failures });
      };
      const fail = (message: string): void => settle(false, [{ node: who, message, hint: null }]);
      const timer = setTimeout(
        () => fail(`it was not ready in ${startMsMax / 1000} s`),
        startMsMax,
      );
      child.once('error', (error) => fail(`it can't be started: ${error.message}`));
      child.once('exit', (code, how) => fail(`it ended with ${how ?? `code ${code}`}`));
      child.on('message', (startup: Startup) => {
        if (startup.type === 'node-ready') onReady(startup.node, startup.note);
        else if (startup.type === 'failed') settle(false, startup.failures);
        else settle(true, startup.without);
      });
    });
  }

  /** Writes its pidfile, then lets it go to work. */
  begin(): void {
    this.#note({ starting: true });
    void this.#tell({ type: 'begin' });
  }

  /** From here on it lives alone. */
  async letGo(): Promise<void> {
    const child = this.#process;
    await this.#tell({ type: 'carry-on' });
    this.#note({});
    if (child.connected) child.disconnect();
    child.unref();
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #note(state: { readonly starting?: boolean }): void {
    const identity = identify(this.#process.pid ?? 0);
    if (identity === null) return;
    writePidfile(this.#pidfile, { ...identity, since: Date.now(), ...state });
  }

  /** Resolves when it was sent, or can't be: then the child is gone, which is noticed elsewhere. */
  #tell(order: StartOrder): Promise<void> {
    return new Promise((resolve) => {
      if (this.#process.connected) this.#process.send(order, () => resolve());
      else resolve();
    });
  }
}
