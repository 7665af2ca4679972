import type { ErrorCode } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';
import { Latencies, type LatencySummary } from './latency.js';

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
