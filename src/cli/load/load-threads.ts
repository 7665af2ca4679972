/** Parts of a load on worker threads, so that whoever watches and reports is in nobody's way. */
import type { Worker } from 'node:worker_threads';
import type { LoadPart, PartEnd, PartPlan } from '../../bench/part.js';
import type { TallyNews } from '../../bench/phased-tally.js';
import { spawnWorker } from '../../cluster/launch/launch.js';
import { type ErrorCode, KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { LinkRules } from '../../faults/link-rules.js';

export interface PartData extends PartPlan {
  /** The cluster's. */
  readonly folder: string;
  /** The one to ask; `null`: all. */
  readonly node: NodeId | null;
  readonly rules: LinkRules;
}

export type PartOrder =
  | { readonly type: 'prepare' | 'run' | 'take' | 'stop' | 'abort' }
  | { readonly type: 'begin'; readonly phase: number; readonly isFault: boolean }
  | { readonly type: 'rules'; readonly rules: LinkRules };

export type PartAnswer =
  | { readonly type: 'prepared' }
  | { readonly type: 'ended'; readonly end: PartEnd }
  | { readonly type: 'taken'; readonly news: TallyNews }
  | { readonly type: 'error'; readonly error: LostError };

/** An error, without its class. */
interface LostError {
  readonly message: string;
  readonly code: ErrorCode;
  readonly definite: boolean;
  readonly hint: string | undefined;
}

type Waiting = {
  readonly resolve: (answer: PartAnswer) => void;
  readonly reject: (error: unknown) => void;
};

export class ThreadPart implements LoadPart {
  readonly #worker: Worker;
  /** Orders that are answered, by the type of their answer. */
  readonly #waiting = new Map<PartAnswer['type'], Waiting>();
  #failure: unknown = null;

  constructor(data: PartData, signal: AbortSignal) {
    this.#worker = spawnWorker('load-worker', { name: 'load', workerData: data });
    this.#worker.on('message', (answer: PartAnswer) => this.#answered(answer));
    this.#worker.on('error', (error) => this.#failed(error));
    signal.addEventListener('abort', () => this.#order({ type: 'abort' }), { once: true });
    if (signal.aborted) this.#order({ type: 'abort' });
  }

  async prepare(): Promise<void> {
    await this.#ask({ type: 'prepare' }, 'prepared');
  }

  async run(): Promise<PartEnd> {
    const answer = await this.#ask({ type: 'run' }, 'ended');
    return (answer as Extract<PartAnswer, { type: 'ended' }>).end;
  }

  async take(): Promise<TallyNews> {
    const answer = await this.#ask({ type: 'take' }, 'taken');
    return (answer as Extract<PartAnswer, { type: 'taken' }>).news;
  }

  begin(phase: number, isFault: boolean): void {
    this.#order({ type: 'begin', phase, isFault });
  }

  stop(): void {
    this.#order({ type: 'stop' });
  }

  adopt(rules: LinkRules): void {
    this.#order({ type: 'rules', rules });
  }

  close(): void {
    this.#worker.terminate();
  }

  #order(order: PartOrder): void {
    this.#worker.postMessage(order);
  }

  #ask(order: PartOrder, answeredBy: PartAnswer['type']): Promise<PartAnswer> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.set(answeredBy, { resolve, reject });
      this.#order(order);
    });
  }

  #answered(answer: PartAnswer): void {
    if (answer.type === 'error') {
      const { message, hint, ...kind } = answer.error;
      this.#failed(new KvxError(message, hint === undefined ? kind : { ...kind, hint }));
    } else {
      this.#waiting.get(answer.type)?.resolve(answer);
      this.#waiting.delete(answer.type);
    }
  }

  #failed(error: unknown): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
