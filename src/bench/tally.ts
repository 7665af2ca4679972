import { constructorFromBucketSize } from 'hdr-histogram-js/dist/JsHistogramFactory.js';
import type { ErrorCode } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';

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
