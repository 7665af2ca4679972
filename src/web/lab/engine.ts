/** The page's side of its worker: asks, and is answered later. */
import type {
  LabReply,
  LabRequest,
  LabTask,
  LabTasks,
  PlainRecording,
} from '../../lab/messages.js';
import type { ModeRun } from '../../lab/modes.js';
import type { Recording, RunKey } from '../../lab/recording.js';
import { ScenarioError } from '../../lab/scenario-error.js';
import { lanesOf } from '../../trace/lanes.js';
import { modulesOfPage } from './own-modes.js';

/** A recording about which more can be asked. */
export interface LabRecording extends Recording {
  readonly id: number;
}

export interface AskOptions<Told> {
  readonly onTold?: (told: Told) => void;
  readonly signal?: AbortSignal | undefined;
}

/** It was asked to end, or something newer was asked for. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}

/** A worker that does not end what it is to end within this time is ended itself. */
const patienceMs = 1_000;

interface OpenTask {
  readonly request: LabRequest;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onTold: ((told: never) => void) | undefined;
}

export class Engine {
  readonly #url: string;
  readonly #open = new Map<number, OpenTask>();
  #worker: Worker;
  #last = 0;

  /** `code`: the worker's, which is the page's own, in `<script id="worker">`. */
  constructor(code = document.getElementById('worker')?.textContent ?? '') {
    const own = `self.kvxModules = ${JSON.stringify(modulesOfPage())};\n`;
    this.#url = URL.createObjectURL(new Blob([own, code], { type: 'text/javascript' }));
    this.#worker = this.#start();
  }

  /** Rejects with {@link ScenarioError} when the scenario can't be read, and with {@link CancelledError}. */
  async record(key: RunKey, options: AskOptions<number> = {}): Promise<LabRecording> {
    return revived(await this.ask('record', { key }, options));
  }

  /** What led to an event, in the order of events. */
  slice({ id }: LabRecording, event: number): Promise<Uint32Array> {
    return this.ask('slice', { recording: id, event });
  }

  async modes(key: RunKey, options: AskOptions<number> = {}): Promise<ModeRun<LabRecording>[]> {
    const runs = await this.ask('modes', { key }, options);
    return runs.map((run) => ({
      ...run,
      recording: run.recording === null ? null : revived(run.recording),
    }));
  }

  ask<T extends LabTask>(
    task: T,
    asked: LabTasks[T]['asked'],
    { onTold, signal }: AskOptions<LabTasks[T]['told']> = {},
  ): Promise<LabTasks[T]['answered']> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(new CancelledError('cancelled'));
        return;
      }
      const request = { id, task, asked } as unknown as LabRequest;
      this.#open.set(id, { request, resolve, reject, onTold });
      signal?.addEventListener('abort', () => this.#cancel(id), { once: true });
      this.#worker.postMessage(request);
    });
  }

  /** Ends all that is under way. */
  cancel(): void {
    for (const id of this.#open.keys()) this.#cancel(id);
  }

  close(): void {
    this.#worker.terminate();
    URL.revokeObjectURL(this.#url);
    this.#rejectAll(new CancelledError('the engine was closed'));
  }

  #cancel(id: number): void {
    if (!this.#open.has(id)) return;
    this.#worker.postMessage({ id, task: 'cancel' } satisfies LabRequest);
    setTimeout(() => {
      if (this.#open.has(id)) this.#restart(id);
    }, patienceMs);
  }

  /** It does not listen. What others have asked is asked anew. */
  #restart(cancelled: number): void {
    this.#worker.terminate();
    this.#worker = this.#start();
    const open = this.#open.get(cancelled);
    this.#open.delete(cancelled);
    for (const { request } of this.#open.values()) this.#worker.postMessage(request);
    open?.reject(new CancelledError('cancelled'));
  }

  #start(): Worker {
    const worker = new Worker(this.#url);
    worker.onmessage = ({ data }: MessageEvent<LabReply>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#rejectAll(new Error(`the worker has failed: ${event.message}`));
    };
    return worker;
  }

  #take(reply: LabReply): void {
    const open = this.#open.get(reply.id);
    if (open === undefined) return;
    if (reply.type === 'told') {
      open.onTold?.(reply.told as never);
      return;
    }
    this.#open.delete(reply.id);
    if (reply.type === 'answered') open.resolve(reply.answer as never);
    else if (reply.type === 'problems') open.reject(new ScenarioError(reply.problems));
    else if (reply.isCancelled) open.reject(new CancelledError('cancelled'));
    else open.reject(new Error(reply.message));
  }

  #rejectAll(error: Error): void {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(error);
  }
}

const revived = (recording: PlainRecording): LabRecording => {
  return { ...recording, lanes: lanesOf(recording.lanes) };
};
