/**
 * The load driver: a closed loop. Each of the logical clients asks for its next operation when the one before has been
 * answered, so that a slow cluster is asked less, and what waited elsewhere meanwhile is not in the latencies
 * (coordinated omission).
 *
 * It is driven by answers alone: no promise, timer or closure an operation, unless one failed.
 */

import { constructorFromBucketSize } from 'hdr-histogram-js/dist/JsHistogramFactory.js';
import type { Client } from '../client/client.js';
import type { Timing } from '../client/endpoint.js';
import type { OperationOptions, OperationSink } from '../client/pending-operation.js';
import type { ErrorCode } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';

export interface LoadOptions {
  readonly timing: Timing;
  /** The operation with this number: 0, 1, 2, … */
  readonly workload: (number: number) => DataOperation;
  /** The load ends after so many operations, */
  readonly operationsMax: number;
  /** or after so long, whichever comes first. Either may be `Infinity`. */
  readonly durationMs: Millis;
  /** Each client asks so often at most; absent: again as soon as it has its answer. */
  readonly everyMs?: Millis;
  /** Whether an operation that failed, with all its attempts, ends the load; else it is counted, and the next one follows. */
  readonly endsOnFailure: boolean;
  /** Of every operation; absent: its client's. */
  readonly options?: OperationOptions;
  /** Ends the load at once; what is under way is left. */
  readonly signal: AbortSignal;
}

export interface LoadEnd {
  readonly elapsedMs: Millis;
  /** Under way when the load was interrupted; it is not known what came of them. */
  readonly unfinishedCount: number;
  /** What ended it early; `null` when it came to its end or was interrupted. */
  readonly failure: ErrorResult | null;
}

/** A client that was refused at once would ask again at once, a hundred thousand times a second. */
const pauseMs = 10;

/** One of the logical clients; it has one operation at a time. */
interface Asker {
  readonly client: Pick<Client, 'submit'>;
  operation: OperationName;
  beganAt: Millis;
}

export class Load implements OperationSink<Asker> {
  readonly tally = new Tally();
  readonly #askers: readonly Asker[];
  readonly #options: LoadOptions;
  #issuedCount = 0;
  #activeCount = 0;
  #stopping = false;
  #over = false;
  #failure: ErrorResult | null = null;
  #end: () => void = () => {};

  constructor(clients: readonly Asker['client'][], options: LoadOptions) {
    this.#askers = clients.map((client) => ({ client, operation: 'get', beganAt: 0 }));
    this.#options = options;
  }

  async run(): Promise<LoadEnd> {
    const { durationMs, signal, timing } = this.#options;
    const startedAt = timing.now();
    const ended = timing.wait<void>((resolve) => {
      this.#end = resolve;
    });
    const cancel = Number.isFinite(durationMs)
      ? timing.after(durationMs, () => this.#stop())
      : () => {};
    const interrupt = (): void => this.#end();
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) this.#end();
    else {
      this.#activeCount = this.#askers.length;
      const { everyMs = 0 } = this.#options;
      for (const [nth, asker] of this.#askers.entries()) {
        // One after another, not all of them at the same moment again and again.
        asker.beganAt = startedAt - everyMs * (1 - nth / this.#askers.length);
        this.#next(asker);
      }
    }
    await ended;
    this.#over = true;
    signal.removeEventListener('abort', interrupt);
    cancel();
    return {
      elapsedMs: timing.now() - startedAt,
      unfinishedCount: this.#activeCount,
      failure: this.#failure,
    };
  }

  settled(asker: Asker, result: ClientResult): void {
    if (this.#over) return;
    if (result.type !== 'error') {
      this.tally.done(asker.operation, result, this.#options.timing.now() - asker.beganAt);
      this.#next(asker);
      return;
    }
    this.tally.failed(asker.operation, result);
    if (this.#options.endsOnFailure || isFatal(result)) {
      this.#failure ??= result;
      this.#stop();
      this.#retire();
    } else if (result.code === 'conflict') {
      // It has cost a round trip already; its client goes on as after an answer.
      this.#next(asker);
    } else this.#options.timing.after(pauseMs, () => this.#over || this.#next(asker));
  }

  triesAgain(asker: Asker, result: ErrorResult): boolean {
    if (this.#stopping || this.#over) return false;
    this.tally.failed(asker.operation, result);
    return true;
  }

  /** No new operations; those under way come to their end. */
  #stop(): void {
    this.#stopping = true;
  }

  #next(asker: Asker): void {
    const { everyMs, timing } = this.#options;
    const earlyMs = everyMs === undefined ? 0 : asker.beganAt + everyMs - timing.now();
    if (earlyMs > 0) timing.after(earlyMs, () => this.#over || this.#ask(asker));
    else this.#ask(asker);
  }

  #ask(asker: Asker): void {
    const { operationsMax, workload, timing } = this.#options;
    if (this.#stopping || this.#issuedCount >= operationsMax) {
      this.#retire();
      return;
    }
    const operation = workload(this.#issuedCount++);
    asker.operation = operation.type;
    asker.beganAt = timing.now();
    asker.client.submit(operation, this.#options.options ?? noOptions, this, asker);
  }

  #retire(): void {
    this.#activeCount--;
    if (this.#activeCount === 0) this.#end();
  }
}

const noOptions = {};

/** The same would come of every other operation. */
export function isFatal({ code }: ErrorResult): boolean {
  return code === 'bad-request' || code === 'bug';
}

export type OperationName = DataOperation['type'];

/** What was measured of one kind of operation. */
export interface OperationFigures {
  readonly operation: OperationName;
  /** Answered, not with an error. */
  readonly doneCount: number;
  /** Those of them that found nothing under their key. */
  readonly absentCount: number;
  readonly errorCount: number;
  /** Of those done, from asking to answer. */
  readonly latencyMs: LatencySummary | null;
}

/** Errors alike in all but their words. */
export interface ErrorFigures {
  readonly code: ErrorCode;
  /** It surely did not happen. */
  readonly definite: boolean;
  readonly operation: OperationName;
  readonly count: number;
  /** The words of the first. */
  readonly example: string;
}

interface Row {
  doneCount: number;
  absentCount: number;
  errorCount: number;
  readonly latencies: Latencies;
}

/** What came of a load's operations, in memory that does not grow with their number. */
export class Tally {
  doneCount = 0;
  errorCount = 0;
  readonly #rows = new Map<OperationName, Row>();
  readonly #errors = new Map<string, { -readonly [K in keyof ErrorFigures]: ErrorFigures[K] }>();

  done(operation: OperationName, result: ClientResult, ms: Millis): void {
    const row = this.#row(operation);
    row.latencies.record(ms);
    row.doneCount++;
    this.doneCount++;
    if (result.type === 'value' && result.value === null) row.absentCount++;
  }

  failed(operation: OperationName, { code, definite, message }: ErrorResult): void {
    this.#row(operation).errorCount++;
    this.errorCount++;
    const kind = `${operation} ${code} ${definite}`;
    const known = this.#errors.get(kind);
    if (known === undefined) {
      this.#errors.set(kind, { code, definite, operation, count: 1, example: message });
    } else known.count++;
  }

  /** By name of the operation. */
  operations(): OperationFigures[] {
    return [...this.#rows]
      .map(([operation, { latencies, ...counts }]) => ({
        operation,
        ...counts,
        latencyMs: latencies.summary(),
      }))
      .sort((a, b) => (a.operation < b.operation ? -1 : 1));
  }

  /** The most frequent first. */
  errors(): ErrorFigures[] {
    return [...this.#errors.values()].sort((a, b) => b.count - a.count);
  }

  #row(operation: OperationName): Row {
    let row = this.#rows.get(operation);
    if (row === undefined) {
      row = { doneCount: 0, absentCount: 0, errorCount: 0, latencies: new Latencies() };
      this.#rows.set(operation, row);
    }
    return row;
  }
}

/** Half an hour; what took longer counts as that. */
const microsMax = 1_800_000_000;
const significantDigits = 3;

const countBits = 32;
const Histogram = constructorFromBucketSize(countBits);

export interface LatencySummary {
  readonly p50: Millis;
  readonly p90: Millis;
  readonly p99: Millis;
  readonly 'p99.9': Millis;
  readonly max: Millis;
}

/** How long operations took, to a thousandth of each figure, in a tenth of a megabyte however many there are. */
export class Latencies {
  readonly #histogram = new Histogram(1, microsMax, significantDigits);

  record(ms: Millis): void {
    this.#histogram.recordValue(Math.min(microsMax, Math.max(0, Math.round(ms * 1000))));
  }

  /** `null` when nothing was recorded. */
  summary(): LatencySummary | null {
    const histogram = this.#histogram;
    if (histogram.totalCount === 0) return null;
    const at = (percentile: number): Millis => histogram.getValueAtPercentile(percentile) / 1000;
    return {
      p50: at(50),
      p90: at(90),
      p99: at(99),
      'p99.9': at(99.9),
      max: histogram.maxValue / 1000,
    };
  }
}
