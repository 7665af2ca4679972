/**
 * The load driver: a closed loop. Each of the logical clients asks for its next operation when the one before has been
 * answered, so that a slow cluster is asked less, and what waited elsewhere meanwhile is not in the latencies
 * (coordinated omission).
 *
 * It is driven by answers alone: no timer and no pause an operation, unless one failed.
 */
import type { Millis } from '../core/ids.js';
import type { ClientResult, KeyOperation, SessionStamp } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { RecordedCall } from '../history/recorder/recorder.js';
import type { Workload } from '../workload/workload.js';
import type { LoadRecord } from './load-record.js';
import { type ErrorResult, Tally } from './tally.js';

/** Carries out one operation of one logical client (0, 1, 2, …). Never rejects. */
export type Execute = (
  client: number,
  operation: KeyOperation,
  session?: SessionStamp,
) => Promise<ClientResult>;

export interface LoadOptions {
  readonly workload: Workload;
  readonly random: Random;
  readonly clientCount: number;
  /** The load ends after so many operations, */
  readonly operationsMax: number;
  /** or after so long, whichever comes first. Either may be `Infinity`. */
  readonly durationMs: Millis;
  /**
   * `null`: an operation that failed is counted, and the next one follows. Else it is tried again, under the same
   * session stamp, until it is done or has failed for so long; then the load ends.
   */
  readonly insistMs: Millis | null;
  /** Names this load's sessions; unlike that of any other. */
  readonly sessionName: string;
  /** Ends the load at once; what is under way is left. */
  readonly signal: AbortSignal;
  /** Writes down what clients ask and are told. */
  readonly record?: LoadRecord | null;
}

export interface LoadEnd {
  readonly elapsedMs: Millis;
  /** Under way when the load was interrupted; it is not known what came of them. */
  readonly unfinishedCount: number;
  /** What ended it early; `null` when it came to its end or was interrupted. */
  readonly failure: ErrorResult | null;
}

interface Task {
  readonly client: number;
  readonly operation: KeyOperation;
  readonly beganAt: Millis;
  readonly session: SessionStamp | undefined;
  /** `null`: nobody writes it down. */
  readonly call: RecordedCall | null;
}

/** A client that was refused at once would ask again at once, a hundred thousand times a second. */
const pauseMs = 10;

export class Load {
  readonly tally = new Tally();
  readonly #execute: Execute;
  readonly #options: LoadOptions;
  /** How many commands each client has numbered. */
  readonly #sequences: Uint32Array;
  #issuedCount = 0;
  #activeCount = 0;
  #stopping = false;
  #over = false;
  #failure: ErrorResult | null = null;
  #end: () => void = () => {};

  constructor(execute: Execute, options: LoadOptions) {
    this.#execute = execute;
    this.#options = options;
    this.#sequences = new Uint32Array(options.clientCount);
  }

  async run(): Promise<LoadEnd> {
    const { clientCount, durationMs, signal } = this.#options;
    const startedAt = performance.now();
    const ended = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    const timer = Number.isFinite(durationMs) ? setTimeout(() => this.#stop(), durationMs) : null;
    const interrupt = (): void => this.#end();
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) this.#end();
    else {
      this.#activeCount = clientCount;
      for (let client = 0; client < clientCount; client++) this.#next(client);
    }
    await ended;
    this.#over = true;
    signal.removeEventListener('abort', interrupt);
    if (timer !== null) clearTimeout(timer);
    return {
      elapsedMs: performance.now() - startedAt,
      unfinishedCount: this.#activeCount,
      failure: this.#failure,
    };
  }

  /** No new operations; those under way come to their end. */
  #stop(): void {
    this.#stopping = true;
  }

  #next(client: number): void {
    const { operationsMax, workload, random, record } = this.#options;
    if (this.#stopping || this.#issuedCount >= operationsMax) {
      this.#retire();
      return;
    }
    const operation = workload(this.#issuedCount++, random);
    const session = this.#stampFor(client);
    const call = record?.invoke(client, operation) ?? null;
    this.#attempt({ client, operation, session, call, beganAt: performance.now() });
  }

  /** Only what may be tried again must be told from what is new. */
  #stampFor(client: number): SessionStamp | undefined {
    const { insistMs, sessionName } = this.#options;
    if (insistMs === null) return undefined;
    const sequence = (this.#sequences[client] as number) + 1;
    this.#sequences[client] = sequence;
    return { client: `${sessionName}-${client}`, sequence };
  }

  #attempt(task: Task): void {
    const { client, operation, session } = task;
    this.#execute(client, operation, session).then((result) => this.#settle(task, result));
  }

  #settle(task: Task, result: ClientResult): void {
    if (this.#over) return;
    const { client, operation, beganAt } = task;
    if (result.type !== 'error') {
      this.tally.done(operation.type, result, performance.now() - beganAt);
      this.#conclude(task, result);
      this.#next(client);
      return;
    }
    this.tally.failed(operation.type, result);
    if (isFatal(result)) this.#fail(task, result);
    else this.#afterFailure(task, result);
  }

  /** Of all attempts at it: however many there were, it is one operation of its client. */
  #conclude({ client, call }: Task, result: ClientResult): void {
    call?.end(result, this.#options.record?.nodeOf(client) ?? null);
  }

  #afterFailure(task: Task, result: ErrorResult): void {
    const { insistMs } = this.#options;
    if (insistMs === null) {
      this.#conclude(task, result);
      // A conflict has cost a round trip already; its client goes on as after an answer.
      if (result.code === 'conflict') this.#next(task.client);
      else setTimeout(() => this.#over || this.#next(task.client), pauseMs);
    } else if (performance.now() - task.beganAt >= insistMs) this.#fail(task, result);
    else setTimeout(() => this.#tryAgain(task, result), pauseMs);
  }

  #tryAgain(task: Task, result: ErrorResult): void {
    if (this.#over) return;
    if (this.#stopping) {
      this.#conclude(task, result);
      this.#retire();
    } else {
      task.call?.attemptFailed(result);
      this.#attempt(task);
    }
  }

  #fail(task: Task, result: ErrorResult): void {
    this.#conclude(task, result);
    this.#failure ??= result;
    this.#stop();
    this.#retire();
  }

  #retire(): void {
    this.#activeCount--;
    if (this.#activeCount === 0) this.#end();
  }
}

/** The same would come of every other operation. */
export function isFatal({ code }: ErrorResult): boolean {
  return code === 'bad-request' || code === 'bug';
}
