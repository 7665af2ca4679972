import type { Worker } from 'node:worker_threads';
import { spawnWorker } from '../../cluster/launch/launch.js';
import type { SeedOutcome } from '../../explore/seed-run.js';
import type { SimulateOptions } from '../../explore/simulate.js';

export interface SeedJob {
  readonly index: number;
  readonly options: SimulateOptions;
}

export type SeedBatch = readonly SeedJob[];

export interface SeedAnswer {
  readonly index: number;
  readonly outcome: SeedOutcome;
}

/** So many seeds are handed to a thread at a time: it need not wait for the next ones, and the others do not wait for it. */
const batchMax = 4;

/**
 * Runs jobs on worker threads that share nothing, and hands on what came of them in the order of the jobs, however many
 * threads there are. When `signal` aborts, what has been answered by then is handed on, and the rest is left.
 */
export async function runSeeds(
  jobs: Iterator<SimulateOptions>,
  { threads, signal }: { readonly threads: number; readonly signal: AbortSignal },
  onOutcome: (outcome: SeedOutcome, options: SimulateOptions) => void,
): Promise<void> {
  const order = new InOrder(jobs, onOutcome);
  const workers = Array.from({ length: threads }, () => spawnWorker('sim-worker', { name: 'sim' }));
  try {
    await Promise.all(workers.map((worker) => work(worker, order, signal)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    order.end();
  }
}

/** One batch after another, until none is left. Rejects with what a simulation has thrown. */
function work(worker: Worker, order: InOrder, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let awaited = 0;
    const handOut = (): void => {
      const batch = signal.aborted ? [] : order.take();
      awaited = batch.length;
      if (awaited === 0) resolve();
      else worker.postMessage(batch);
    };
    worker.on('message', (answer: SeedAnswer) => {
      order.add(answer);
      awaited--;
      if (awaited === 0) handOut();
    });
    worker.once('error', reject);
    signal.addEventListener('abort', () => resolve(), { once: true });
    handOut();
  });
}

/** Hands on outcomes in the order of their jobs. */
class InOrder {
  readonly #jobs: Iterator<SimulateOptions>;
  readonly #onOutcome: (outcome: SeedOutcome, options: SimulateOptions) => void;
  readonly #options = new Map<number, SimulateOptions>();
  readonly #early = new Map<number, SeedOutcome>();
  #taken = 0;
  #next = 0;

  constructor(
    jobs: Iterator<SimulateOptions>,
    onOutcome: (outcome: SeedOutcome, options: SimulateOptions) => void,
  ) {
    this.#jobs = jobs;
    this.#onOutcome = onOutcome;
  }

  take(): SeedBatch {
    const batch: SeedJob[] = [];
    while (batch.length < batchMax) {
      const { value, done } = this.#jobs.next();
      if (done) break;
      this.#options.set(this.#taken, value);
      batch.push({ index: this.#taken++, options: value });
    }
    return batch;
  }

  add({ index, outcome }: SeedAnswer): void {
    this.#early.set(index, outcome);
    while (this.#early.has(this.#next)) this.#handOn(this.#next++);
  }

  /** Also those that have one missing before them. */
  end(): void {
    for (const index of [...this.#early.keys()].sort((a, b) => a - b)) this.#handOn(index);
  }

  #handOn(index: number): void {
    this.#onOutcome(
      this.#early.get(index) as SeedOutcome,
      this.#options.get(index) as SimulateOptions,
    );
    this.#early.delete(index);
    this.#options.delete(index);
  }
}
