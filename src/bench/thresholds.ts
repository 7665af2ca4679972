/** What a load must keep to: `p99<50ms`, `put.p99<=1s`, `errors<1%`, `rate>1000`, `recover<2s`. */
import { formatDuration, parseDuration } from '../config/duration.js';
import { usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { show } from '../core/show.js';
import type { Latencies } from './latencies.js';
import type { OperationName } from './tally.js';

type Comparison = '<' | '<=' | '>' | '>=';

export interface Threshold {
  /** As it was said. */
  readonly text: string;
  /** `null`: of all. */
  readonly operation: OperationName | null;
  readonly metric:
    | { readonly type: 'latency'; readonly percentile: number }
    | { readonly type: 'errors' | 'rate' | 'recover' };
  readonly comparison: Comparison;
  /** Milliseconds, a share, or operations a second. */
  readonly bound: number;
}

/** `null`: it can't be told. */
export interface ThresholdVerdict {
  readonly text: string;
  readonly holds: boolean | null;
  /** What was measured, in words. */
  readonly measured: string;
}

export const measuredNames: readonly OperationName[] = [
  ...(['get', 'put', 'delete', 'insert', 'update', 'cas', 'txn', 'scan', 'rmw'] as const),
];

const form = /^(?:([a-z]+)\.)?(p\d+(?:\.\d+)?|max|errors|rate|recover)\s*(<=?|>=?)\s*(\S+)$/;

/** Throws `bad-request` for what is none. */
export function toThreshold(text: string): Threshold {
  const match = form.exec(text.trim());
  const operation =
    match?.[1] === undefined ? null : measuredNames.find((each) => each === match[1]);
  const [, , word = '', comparison, said = ''] = match ?? [];
  const metric = metricOf(word);
  if (match === null || operation === undefined || metric === null) throw wrong(text);
  if (metric.type === 'recover' && operation !== null) throw wrong(text);
  const bound = boundOf(metric, said);
  if (bound === null) {
    const wanted = { latency: 'a time, such as 50ms', recover: 'a time, such as 2s' } as const;
    const number = metric.type === 'errors' ? 'a share, such as 1%' : 'a number, such as 1000';
    const needs = metric.type in wanted ? wanted[metric.type as 'recover'] : number;
    throw usageError(`--threshold ${show(text)}: ${word} is compared with ${needs}`);
  }
  return { text: text.trim(), operation, metric, comparison: comparison as Comparison, bound };
}

function wrong(text: string): Error {
  return usageError(
    `--threshold ${show(text)} can't be understood`,
    "Such as 'p99<50ms', 'put.max<1s', 'errors<1%', 'rate>1000', 'recover<2s'.",
  );
}

function metricOf(word: string): Threshold['metric'] | null {
  if (word === 'errors' || word === 'rate' || word === 'recover') return { type: word };
  if (word === 'max') return { type: 'latency', percentile: 100 };
  const percentile = Number(word.slice(1));
  return percentile > 0 && percentile <= 100 ? { type: 'latency', percentile } : null;
}

function boundOf({ type }: Threshold['metric'], said: string): number | null {
  if (type === 'latency' || type === 'recover') return parseDuration(said);
  if (type === 'errors') {
    const percent = /^\d+(\.\d+)?%$/.test(said) ? Number.parseFloat(said) : Number.NaN;
    return percent <= 100 ? percent / 100 : null;
  }
  return /^\d+(\.\d+)?$/.test(said) ? Number(said) : null;
}

/** What was measured, of all operations or of one kind. */
export interface Measurement {
  readonly doneCount: number;
  readonly errorCount: number;
  readonly elapsedMs: Millis;
  readonly latencies: Latencies;
}

export function judgeThreshold(
  { text, metric, comparison, bound }: Threshold,
  { doneCount, errorCount, elapsedMs, latencies }: Measurement,
  recoveries: readonly (Millis | null)[],
): ThresholdVerdict {
  const verdict = (value: number | null, measured: string): ThresholdVerdict => ({
    ...{ text, measured, holds: value === null ? null : compare(value, comparison, bound) },
  });
  switch (metric.type) {
    case 'latency': {
      if (latencies.count === 0) return { text, holds: false, measured: 'nothing was done' };
      const ms = latencies.at(metric.percentile);
      return verdict(ms, formatDuration(ms));
    }
    case 'errors': {
      const asked = doneCount + errorCount;
      if (asked === 0) return verdict(null, 'nothing was asked');
      const share = errorCount / asked;
      return verdict(share, `${errorCount} of ${asked}, ${Number((100 * share).toFixed(2))}%`);
    }
    case 'rate': {
      const rate = elapsedMs > 0 ? (1000 * doneCount) / elapsedMs : 0;
      return verdict(rate, `${Math.round(rate)}/s`);
    }
    case 'recover': {
      if (recoveries.length === 0) return verdict(null, 'no fault with time before it');
      const known = recoveries.flatMap((ms) => (ms === null ? [] : [ms]));
      if (known.length < recoveries.length)
        return { text, holds: false, measured: 'not recovered' };
      const slowest = Math.max(...known);
      return verdict(slowest, formatDuration(slowest));
    }
  }
}

function compare(value: number, comparison: Comparison, bound: number): boolean {
  switch (comparison) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
  }
}
