import { rmSync } from 'node:fs';
import type { NodeId } from '../../core/ids.js';
import { LastWords } from '../state/last-words.js';
import { breakIfStale } from '../state/lock.js';
import { errorText, NodeLog } from '../state/log.js';
import {
  anyoneRuns,
  conditionOf,
  type ProcessIdentity,
  pidfileOf,
  readPidfile,
} from '../state/pidfile.js';
import { sweepRun } from '../state/run-file.js';
import { socketFolderOf } from '../state/sockets.js';
import { lockFile, logFile, readRecord, removeFolder } from '../state/state.js';
import {
  failureOf,
  launcherGone,
  type NodeFailure,
  type StartOrder,
  type Startup,
} from './startup.js';

/** How often a process looks whether it is still the one that its pidfile means, and whether its owner is there. */
const checkMs = 1000;

export interface EntryContext {
  readonly log: NodeLog;
  /** Tells the launcher that this node answers. */
  readonly ready: (node: NodeId, note: string | null) => void;
  /** This node did not start; the process goes on without it. */
  readonly without: (failure: NodeFailure) => void;
  /** Ends the process: in good order, or with the error that made it impossible to go on. */
  readonly stop: (error: Error | null) => void;
}

export interface EntryPoint {
  /** The cluster's. */
  readonly folder: string;
  /** The node, or `daemon`: names its log and its pidfile. */
  readonly who: string;
  /** Starts all that this process is for; returns how to close it. Throws {@link StartFailures} or any error. */
  readonly start: (context: EntryContext) => Promise<() => void>;
}

/** Several nodes of one process did not start. */
export class StartFailures extends Error {
  override readonly name = 'StartFailures';
  readonly failures: readonly NodeFailure[];

  constructor(failures: readonly NodeFailure[]) {
    super(failures.map(({ node, message }) => `${node}: ${message}`).join('; '));
    this.failures = failures;
  }
}

/**
 * The life of a detached process: starts when told to begin, says how it went, and goes on alone once it is told to
 * carry on (see `startup.ts`). It stops by itself when its pidfile no longer means it: a process that nobody can find
 * any more must not stay.
 */
export function runEntry(entry: EntryPoint): void {
  new EntryProcess(entry).run();
}

class EntryProcess {
  readonly #entry: EntryPoint;
  readonly #log: NodeLog;
  readonly #pidfile: string;
  #lastWords: LastWords | null = null;
  #owner: ProcessIdentity | null = null;
  #close: () => void = () => {};
  #carryOn = false;

  constructor(entry: EntryPoint) {
    this.#entry = entry;
    this.#log = new NodeLog(logFile(entry.folder, entry.who));
    this.#pidfile = pidfileOf(entry.folder, entry.who);
  }

  run(): void {
    process.title = `kvx ${this.#entry.who}`;
    process.on('uncaughtException', (error) => this.#stop(error));
    process.on('SIGTERM', () => this.#stop(null));
    // A terminal that is closed, or a Ctrl-C in it, is none of a detached process's business.
    process.on('SIGHUP', () => {});
    process.on('SIGINT', () => {});
    process.on('message', (order: StartOrder) => {
      if (order.type === 'carry-on') this.#carryOn = true;
      else this.#start().catch((error: unknown) => this.#reportFailure(error));
    });
    process.once('disconnect', () => {
      if (this.#carryOn) return;
      const error = new Error(launcherGone);
      if (this.#owner === null) this.#stop(error);
      else this.#leave(error.message);
    });
  }

  async #start(): Promise<void> {
    const { who, start } = this.#entry;
    this.#log.info(`${who} starts, pid ${process.pid}`);
    this.#lastWords = new LastWords(this.#entry.folder, who);
    const without: NodeFailure[] = [];
    const context: EntryContext = {
      log: this.#log,
      ready: (node, note) => this.#tell({ type: 'node-ready', node, note }),
      without: (failure) => without.push(failure),
      stop: (error) => this.#stop(error),
    };
    this.#owner = readRecord(this.#entry.folder).owner ?? null;
    this.#close = await start(context);
    this.#log.info(`${who} is ready`);
    this.#tell({ type: 'ready', without });
    setInterval(() => this.#check(), checkMs).unref();
  }

  #reportFailure(error: unknown): void {
    this.#lastWords?.say(error);
    this.#log.error(error instanceof StartFailures ? error.message : errorText(error));
    const failures =
      error instanceof StartFailures ? error.failures : [failureOf(this.#entry.who, error)];
    // The message must be out before the process is.
    const exit = (): void => this.#exit(1);
    if (process.connected) process.send?.({ type: 'failed', failures } satisfies Startup, exit);
    else exit();
  }

  /** To a launcher that has just died it is not said, and `disconnect` ends this process. */
  #tell(startup: Startup): void {
    if (process.connected) process.send?.(startup, () => {});
  }

  #check(): void {
    if (this.#owner !== null && conditionOf(this.#owner) === 'gone') {
      this.#leave('the command that this cluster was for is gone');
    } else if (!this.#isMine()) {
      this.#log.warn('the pidfile is gone or means another process');
      this.#stop(null);
    }
  }

  /** The last to go takes the whole cluster away. */
  #leave(why: string): void {
    const { folder } = this.#entry;
    this.#log.warn(why);
    try {
      this.#close();
      // Taken away first: of several that leave at once, the last then finds nobody.
      if (this.#isMine()) rmSync(this.#pidfile, { force: true });
      if (anyoneRuns(folder)) return;
      sweepRun(folder, socketFolderOf(folder, process.env));
      removeFolder(folder);
      // Its owner may have held it when it was killed.
      breakIfStale(lockFile(folder));
    } finally {
      this.#stop(null);
    }
  }

  #stop(error: Error | null): void {
    if (error === null) this.#log.info(`${this.#entry.who} stops`);
    else this.#log.error(errorText(error));
    // Before clients notice, who will want to know why.
    if (error !== null) this.#lastWords?.say(error);
    this.#exit(error === null ? 0 : 1);
  }

  #exit(code: number): void {
    try {
      this.#close();
      // After a failure the pidfile stays, to tell it from a stop in good order.
      if (code === 0 && this.#isMine()) rmSync(this.#pidfile, { force: true });
    } finally {
      process.exit(code);
    }
  }

  #isMine(): boolean {
    return readPidfile(this.#pidfile)?.pid === process.pid;
  }
}
