/** What came of a load's operations, in memory that does not grow with their number. */
import type { ErrorCode } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { entryOf } from '../core/lookup.js';
import type { ClientResult } from '../core/operation.js';
import type { ErrorResult } from '../core/results.js';
import type { Task } from '../workload/generator.js';
import { Latencies, type LatencySummary, type PackedLatencies } from './latencies.js';

export type OperationName = Task['type'];

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

const emptyRow = (): Row => ({
  ...{ doneCount: 0, absentCount: 0, errorCount: 0 },
  latencies: new Latencies(),
});

/** A {@link Tally} for another thread. */
export interface PackedTally {
  readonly rows: readonly (Omit<Row, 'latencies'> & {
    readonly operation: OperationName;
    readonly latencies: PackedLatencies;
  })[];
  readonly errors: readonly ErrorFigures[];
}

export interface LoadTally {
  readonly doneCount: number;
  readonly errorCount: number;
  /** Answered at `endedAt`. `beganAt`: when it was asked, or should have been. */
  done(operation: OperationName, result: ClientResult, beganAt: Millis, endedAt: Millis): void;
  /** It, or one attempt of it. */
  failed(operation: OperationName, result: ErrorResult, beganAt: Millis, at: Millis): void;
}

export class Tally implements LoadTally {
  doneCount = 0;
  errorCount = 0;
  readonly #rows = new Map<OperationName, Row>();
  readonly #errors = new Map<string, { -readonly [K in keyof ErrorFigures]: ErrorFigures[K] }>();

  done(operation: OperationName, result: ClientResult, beganAt: Millis, endedAt: Millis): void {
    const row = this.#row(operation);
    row.latencies.record(endedAt - beganAt);
    row.doneCount++;
    this.doneCount++;
    if (result.type === 'value' && result.value === null) row.absentCount++;
  }

  failed(operation: OperationName, { code, definite, message }: ErrorResult): void {
    this.#row(operation).errorCount++;
    this.#addErrors({ code, definite, operation, count: 1, example: message });
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

  /** Of all kinds of operations, or of one. */
  latencies(operation?: OperationName): Latencies {
    const all = new Latencies();
    for (const [name, { latencies }] of this.#rows) {
      if (operation === undefined || operation === name) all.add(latencies.pack());
    }
    return all;
  }

  /** The most frequent first. */
  errors(): ErrorFigures[] {
    return [...this.#errors.values()].sort((a, b) => b.count - a.count);
  }

  pack(): PackedTally {
    const rows = [...this.#rows].map(([operation, { latencies, ...counts }]) => {
      return { operation, ...counts, latencies: latencies.pack() };
    });
    return { rows, errors: this.errors() };
  }

  add({ rows, errors }: PackedTally): void {
    for (const { operation, doneCount, absentCount, errorCount, latencies } of rows) {
      const row = this.#row(operation);
      row.doneCount += doneCount;
      row.absentCount += absentCount;
      row.errorCount += errorCount;
      row.latencies.add(latencies);
      this.doneCount += doneCount;
    }
    for (const each of errors) this.#addErrors(each);
  }

  #addErrors(figures: ErrorFigures): void {
    const { operation, code, definite, count } = figures;
    this.errorCount += count;
    const kind = `${operation} ${code} ${definite}`;
    entryOf(this.#errors, kind, () => ({ ...figures, count: 0 })).count += count;
  }

  #row(operation: OperationName): Row {
    return entryOf(this.#rows, operation, emptyRow);
  }
}
