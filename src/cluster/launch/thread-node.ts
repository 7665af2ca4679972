import type { Worker } from 'node:worker_threads';
import type { Millis, NodeId } from '../../core/ids.js';
import { newDoorbell } from '../../node/doorbell.js';
import { newChannel } from '../../node/ring-link.js';
import type { NodeCondition } from '../host/control-frames.js';
import { spawnWorker } from './launch.js';
import { cannot } from './runner.js';
import type { NodeFailure, WorkerData, WorkerOrder, WorkerReport } from './startup.js';

/** One node as the daemon sees it: a worker thread, or what is left of one. */
export class ThreadNode {
  readonly node: NodeId;
  readonly #folder: string;
  readonly #onError: (error: Error) => void;
  #worker: Worker | null = null;
  #pauseFlag = new Int32Array(new SharedArrayBuffer(4));
  #doorbell = newDoorbell();
  condition: NodeCondition = 'dead';
  since: Millis = Date.now();
  /** What a user should hear of its last start. */
  note: string | null = null;
  /** Why it ended by itself, if it has said so. */
  failure: NodeFailure | null = null;
  /** 0 until it is ready. */
  #incarnation = 0;

  /** `onError` hears what a thread could not write into its own log. */
  constructor(folder: string, node: NodeId, onError: (error: Error) => void) {
    this.#folder = folder;
    this.node = node;
    this.#onError = onError;
  }

  get hasThread(): boolean {
    return this.#worker !== null;
  }

  /** Makes its thread and wires it to those of `others`. Resolves with what went wrong, or `null` once it is ready. */
  start(others: readonly ThreadNode[]): Promise<NodeFailure | null> {
    const pauseFlag = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#doorbell = newDoorbell();
    const data: WorkerData = {
      folder: this.#folder,
      node: this.node,
      pauseFlag,
      doorbell: this.#doorbell,
    };
    const worker = spawnWorker('node-worker', { workerData: data, name: this.node });
    this.#worker = worker;
    this.failure = null;
    this.#incarnation = 0;
    this.#pauseFlag = new Int32Array(pauseFlag);
    for (const other of others) if (other.hasThread) this.#wireTo(other);
    worker.on('error', this.#onError);
    return new Promise((resolve) => {
      worker.on('message', (report: WorkerReport) => {
        if (report.type === 'ready') {
          this.#become('running');
          this.note = report.note;
          this.#incarnation = report.incarnation;
          for (const other of others) this.#meet(other);
          resolve(null);
        } else if (report.type === 'failed') {
          this.failure = report.failure;
        }
      });
      worker.once('exit', (code) => {
        this.#onExit(worker, code);
        const message = `its thread ended with code ${code}`;
        resolve(this.failure ?? { node: this.node, message, hint: null });
      });
    });
  }

  /** Its process is about to end. Returns how to wait, without giving way, until it has closed its node. */
  stop(): (untilMs: Millis) => void {
    if (this.condition !== 'running') return () => {};
    this.#order({ type: 'stop' });
    return (untilMs) => Atomics.wait(this.#pauseFlag, 0, 0, Math.max(0, untilMs - Date.now()));
  }

  async kill(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    this.#worker = null;
    this.#become('dead');
    await worker.terminate();
  }

  async pause(): Promise<void> {
    if (this.condition === 'paused') return;
    const worker = this.#running('pause');
    Atomics.store(this.#pauseFlag, 0, 1);
    this.#order({ type: 'pause' });
    await reported(worker, 'paused');
    this.#become('paused');
  }

  async resume(): Promise<void> {
    if (this.condition !== 'paused') {
      this.#running('resume');
      return;
    }
    const worker = this.#worker as Worker;
    const resumed = reported(worker, 'resumed');
    Atomics.store(this.#pauseFlag, 0, 0);
    Atomics.notify(this.#pauseFlag, 0);
    await resumed;
    this.#become('running');
  }

  #running(step: string): Worker {
    if (this.#worker !== null && this.condition === 'running') return this.#worker;
    throw cannot(step, this.node, this.condition);
  }

  #wireTo(other: ThreadNode): void {
    const [ours, theirs] = newChannel(this.#doorbell, other.#doorbell);
    this.#order({ type: 'connect', peer: other.node, end: ours });
    other.#order({ type: 'connect', peer: this.node, end: theirs });
  }

  /** Between processes the hello tells; threads have none. */
  #meet(other: ThreadNode): void {
    if (other.#incarnation === 0) return;
    this.#order({ type: 'meet', peer: other.node, incarnation: other.#incarnation });
    other.#order({ type: 'meet', peer: this.node, incarnation: this.#incarnation });
  }

  #order(order: WorkerOrder): void {
    this.#worker?.postMessage(order, order.type === 'connect' ? [order.end.port] : []);
  }

  #onExit(worker: Worker, code: number): void {
    // Of a thread that was killed, or has been replaced since, nothing is to be said.
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#become(code === 0 ? 'dead' : 'failed');
  }

  #become(condition: NodeCondition): void {
    this.condition = condition;
    this.since = Date.now();
  }
}

/** Resolves when the worker has reported `type`, or is gone. */
function reported(worker: Worker, type: WorkerReport['type']): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      worker.off('message', onMessage).off('exit', over);
      resolve();
    };
    const onMessage = (report: WorkerReport): void => {
      if (report.type === type) over();
    };
    worker.on('message', onMessage).on('exit', over);
  });
}
