/**
 * The load driver. In a closed loop each of the logical clients asks for its next operation when the one before has been
 * answered, so that a slow cluster is asked less, and what waited elsewhere meanwhile is not in the latencies (coordinated
 * omission). In an open loop operations are due at a steady rate, whatever came of those before, and are measured from when
 * they were due.
 *
 * It is driven by answers alone: no promise, timer or closure an operation, unless one failed or waits until it is due.
 */
import type { Client } from '../client/client.js';
import type { Timing } from '../client/endpoint.js';
import type { OperationOptions, OperationSink } from '../client/pending-operation.js';
import type { Millis } from '../core/ids.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';
import type { Task } from '../workload/generator.js';
import type { LoadTally } from './tally.js';

export interface LoadOptions {
  readonly timing: Timing;
  readonly tally: LoadTally;
  /** The task with this number: 0, 1, 2, … */
  readonly workload: (number: number) => Task;
  /** Hears what came of every operation; absent: nobody wants to know. */
  readonly saw?: ((operation: DataOperation, result: ClientResult) => void) | undefined;
  /** The load ends after so many tasks, */
  readonly operationsMax: number;
  /** or after so long, whichever comes first. Either may be `Infinity`. */
  readonly durationMs: Millis;
  /** Each client asks so often at most; absent: again as soon as it has its answer. */
  readonly everyMs?: Millis;
  /** An open loop: when tasks are due; absent: a closed one. */
  readonly pace?: Pace | null;
  /** Whether an operation that failed, with all its attempts, ends the load; else it is counted, and the next one follows. */
  readonly endsOnFailure: boolean;
  /** Of every operation; absent: its client's. */
  readonly options?: OperationOptions;
  /** Ends the load at once; what is under way is left. */
  readonly signal: AbortSignal;
}

/** The first is due so long after the beginning, and then one each time so long has passed. */
export interface Pace {
  readonly firstMs: Millis;
  readonly everyMs: Millis;
}

export interface LoadEnd {
  readonly elapsedMs: Millis;
  /** Under way when the load was interrupted; it is not known what came of them. */
  readonly unfinishedCount: number;
  /** Of an open loop: were due before its end, and no client was free to ask. */
  readonly overdueCount: number;
  /** What ended it early; `null` when it came to its end or was interrupted. */
  readonly failure: ErrorResult | null;
}

/** A client that was refused at once would ask again at once, a hundred thousand times a second. */
const pauseMs = 10;

/** Timers are late by so much; that a free client asked no sooner is not the cluster's fault. */
const timerLateMs: Millis = 2;

/** One of the logical clients; it has one task at a time. */
interface Asker {
  readonly client: Pick<Client, 'submit'>;
  task: Task;
  beganAt: Millis;
  /** Of its task. */
  underWayCount: number;
  failure: ErrorResult | null;
  hasRead: boolean;
}

const noTask: Task = { type: 'scan', keys: [] };

export class Load implements OperationSink<Asker> {
  readonly #askers: readonly Asker[];
  readonly #options: LoadOptions;
  /** Of an open loop: clients that have nothing to do until the next is due. */
  readonly #free: Asker[] = [];
  #wakesUp = false;
  #startedAt: Millis = 0;
  #issuedCount = 0;
  #activeCount = 0;
  #stoppedAt: Millis | null = null;
  #over = false;
  #failure: ErrorResult | null = null;
  #end: () => void = () => {};

  constructor(clients: readonly Asker['client'][], options: LoadOptions) {
    const idle = { task: noTask, beganAt: 0, underWayCount: 0, failure: null, hasRead: false };
    this.#askers = clients.map((client) => ({ client, ...idle }));
    this.#options = options;
  }

  async run(): Promise<LoadEnd> {
    const { durationMs, signal, timing } = this.#options;
    this.#startedAt = timing.now();
    const ended = timing.wait<void>((resolve) => {
      this.#end = resolve;
    });
    const cancel = Number.isFinite(durationMs)
      ? timing.after(durationMs, () => this.stop())
      : () => {};
    const interrupt = (): void => this.#end();
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) this.#end();
    else this.#begin();
    await ended;
    this.#over = true;
    signal.removeEventListener('abort', interrupt);
    cancel();
    const endedAt = timing.now();
    return {
      elapsedMs: endedAt - this.#startedAt,
      unfinishedCount: this.#activeCount - this.#free.length,
      overdueCount: this.#overdueAt(this.#stoppedAt ?? endedAt),
      failure: this.#failure,
    };
  }

  /** No new operations; those under way come to their end. */
  stop(): void {
    this.#stoppedAt ??= this.#options.timing.now();
    for (const _ of this.#free.splice(0)) this.#retire();
  }

  settled(asker: Asker, result: ClientResult): void {
    if (this.#over) return;
    const { saw } = this.#options;
    if (saw !== undefined && asker.task.type !== 'scan') saw(operationOf(asker), result);
    if (result.type === 'error') asker.failure ??= result;
    asker.underWayCount--;
    if (asker.underWayCount > 0) return;
    const { task, failure, beganAt, hasRead } = asker;
    if (failure !== null) this.#failed(asker, failure);
    else if (task.type === 'rmw' && !hasRead) {
      asker.hasRead = true;
      this.#submit(asker, operationOf(asker));
    } else {
      const now = this.#options.timing.now();
      this.#options.tally.done(task.type, result, beganAt, now);
      this.#next(asker, now);
    }
  }

  triesAgain(asker: Asker, result: ErrorResult): boolean {
    if (this.#stoppedAt !== null || this.#over) return false;
    this.#tellFailed(asker, result);
    return true;
  }

  #begin(): void {
    this.#activeCount = this.#askers.length;
    const { everyMs = 0 } = this.#options;
    for (const [nth, asker] of this.#askers.entries()) {
      // One after another, not all of them at the same moment again and again.
      asker.beganAt = this.#startedAt - everyMs * (1 - nth / this.#askers.length);
      this.#next(asker);
    }
  }

  #tellFailed({ task, beganAt }: Asker, failure: ErrorResult): void {
    this.#options.tally.failed(task.type, failure, beganAt, this.#options.timing.now());
  }

  #failed(asker: Asker, failure: ErrorResult): void {
    this.#tellFailed(asker, failure);
    if (this.#options.endsOnFailure || isFatal(failure)) {
      this.#failure ??= failure;
      this.stop();
      this.#retire();
    } else if (failure.code === 'conflict') {
      // It has cost a round trip already; its client goes on as after an answer.
      this.#next(asker);
    } else this.#options.timing.after(pauseMs, () => this.#over || this.#next(asker));
  }

  #next(asker: Asker, now = this.#options.timing.now()): void {
    const { everyMs, pace, timing } = this.#options;
    if (pace) {
      const dueAt = this.#dueAt(pace, this.#issuedCount);
      if (dueAt <= now || !this.#mayAsk) this.#ask(asker, dueAt);
      else {
        this.#free.push(asker);
        this.#wakeUp(pace, dueAt - now);
      }
      return;
    }
    const earlyMs = everyMs === undefined ? 0 : asker.beganAt + everyMs - now;
    if (earlyMs > 0) {
      timing.after(earlyMs, () => this.#over || this.#ask(asker, timing.now()));
    } else this.#ask(asker, now);
  }

  /** When the next is due, and for all that are due by then. */
  #wakeUp(pace: Pace, inMs: Millis): void {
    if (this.#wakesUp) return;
    this.#wakesUp = true;
    this.#options.timing.after(inMs, () => {
      this.#wakesUp = false;
      if (this.#over) return;
      for (let asker = this.#free.pop(); asker !== undefined; asker = this.#free.pop()) {
        const now = this.#options.timing.now();
        const dueAt = this.#dueAt(pace, this.#issuedCount);
        if (dueAt > now && this.#mayAsk) {
          this.#free.push(asker);
          return this.#wakeUp(pace, dueAt - now);
        }
        this.#ask(asker, now - dueAt <= timerLateMs ? now : dueAt);
      }
    });
  }

  #dueAt({ firstMs, everyMs }: Pace, number: number): Millis {
    return this.#startedAt + firstMs + number * everyMs;
  }

  #overdueAt(at: Millis): number {
    const { pace, operationsMax } = this.#options;
    if (!pace) return 0;
    const dueCount = 1 + Math.floor((at - this.#dueAt(pace, 0)) / pace.everyMs);
    return Math.max(0, Math.min(dueCount, operationsMax) - this.#issuedCount);
  }

  get #mayAsk(): boolean {
    return this.#stoppedAt === null && this.#issuedCount < this.#options.operationsMax;
  }

  #ask(asker: Asker, beganAt: Millis): void {
    if (!this.#mayAsk) {
      this.#retire();
      return;
    }
    const task = this.#options.workload(this.#issuedCount++);
    asker.task = task;
    asker.beganAt = beganAt;
    asker.failure = null;
    asker.hasRead = false;
    if (task.type !== 'scan') {
      this.#submit(asker, operationOf(asker));
      return;
    }
    asker.underWayCount = task.keys.length;
    const options = this.#options.options ?? noOptions;
    for (const key of task.keys) asker.client.submit({ type: 'get', key }, options, this, asker);
  }

  #submit(asker: Asker, operation: DataOperation): void {
    asker.underWayCount = 1;
    asker.client.submit(operation, this.#options.options ?? noOptions, this, asker);
  }

  #retire(): void {
    this.#activeCount--;
    if (this.#activeCount === 0) this.#end();
  }
}

/** What it asks, or asks first, or then. */
function operationOf({ task, hasRead }: Asker): DataOperation {
  if (task.type === 'scan') throw new Error('a scan is many operations');
  if (task.type !== 'rmw') return task;
  const { key, value } = task;
  return hasRead ? { type: 'put', key, value } : { type: 'get', key };
}

const noOptions = {};

/** The same would come of every other operation. */
export function isFatal({ code }: ErrorResult): boolean {
  return code === 'bad-request' || code === 'bug';
}
