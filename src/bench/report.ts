/** What a bench found out, for people and for programs. */
import { formatDuration } from '../config/duration.js';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { oneLine, quantity } from '../core/show.js';
import { faultTitle } from '../history/faults.js';
import { bytesToJson, bytesToLine, valueToJson } from '../render/bytes.js';
import { exitCodeOf, exitCodes, failureLines } from '../render/failure.js';
import { LiveLine } from '../render/live-line.js';
import {
  note,
  outputWidth,
  printFailure,
  printJson,
  printLine,
  styleFor,
} from '../render/output.js';
import { formatTable, type TableOptions } from '../render/table.js';
import { wrap } from '../render/wrap.js';
import type { ErrorFigures, LatencySummary, OperationFigures } from './load.js';
import type { LoadFault } from './load-faults.js';
import type { BenchPlan } from './plan.js';
import type { BenchProgress, BenchReport, Verification, Watch } from './run.js';

/** Of the cluster that was measured. */
export interface Measured {
  readonly cluster: string;
  readonly mode: string;
  readonly runtime: string;
  readonly nodeCount: number;
  /** What a nemesis did meanwhile. */
  readonly nemesis?: unknown;
}

export function printBench(
  report: BenchReport,
  measured: Measured,
  how: { readonly json: boolean; readonly wide: boolean },
): void {
  if (how.json) {
    printJson(benchDocument(report, measured));
    return;
  }
  const { historyFailure } = report;
  const styleTitle = styleFor(process.stdout).dim;
  const width = how.wide ? Number.POSITIVE_INFINITY : outputWidth();
  printLine(...benchLines(report, measured, { width, styleTitle }));
  if (report.verification?.type === 'agreement') {
    const { keyCount, copyCount } = report.verification;
    note(`Compared ${quantity(keyCount, 'key')}, ${quantity(copyCount, 'copy', 'copies')}.`);
  }
  if (historyFailure !== null) printFailure(failureLines(historyFailure));
}

/** What a person gets to read. */
export function benchLines(
  report: BenchReport,
  measured: Measured,
  options: TableOptions = {},
): string[] {
  const { operations, errors, faults, unfinishedCount, elapsedMs } = report;
  const { width = widthDefault } = options;
  const names = width === Number.POSITIVE_INFINITY ? allLatencies : shownLatencies;
  const columns = operationColumns(names);
  const operationRows = operations.map((figures) => operationRow(figures, names, elapsedMs));
  return [
    ...headlines(report, measured),
    ...(operations.length > 0 ? tableLines(columns, operationRows, options) : []),
    ...(faults.length > 0
      ? ['', ...wrap(faultSentence(faults), Math.min(width, proseWidthMax))]
      : []),
    ...(errors.length > 0 ? ['', ...errors.flatMap((figures) => errorLines(figures, width))] : []),
    ...(unfinishedCount > 0 ? [`unfinished: ${unfinishedCount} were under way when it ended`] : []),
    ...verdictLines(report),
  ];
}

function tableLines(...table: Parameters<typeof formatTable>): string[] {
  return formatTable(...table)
    .trimEnd()
    .split('\n');
}

/** What `--json` prints. */
export function benchDocument(report: BenchReport, measured: Measured): unknown {
  const { plan, operations, elapsedMs, doneCount, failure, verification, historyFailure, ...rest } =
    report;
  const bounded = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    ...measured,
    plan: {
      ...plan,
      operationsMax: bounded(plan.operationsMax),
      durationMs: bounded(plan.durationMs),
    },
    elapsedMs,
    doneCount,
    perSecond: perSecond(doneCount, elapsedMs),
    operations: operations.map((each) => ({
      ...each,
      perSecond: perSecond(each.doneCount, elapsedMs),
    })),
    failure:
      failure === null
        ? null
        : { code: failure.code, definite: failure.definite, message: failure.message },
    verification: verification === null ? null : verificationDocument(verification),
    historyFailure: historyFailure?.message ?? null,
    ...rest,
  };
}

function verificationDocument(verification: Verification): unknown {
  if (verification.type === 'agreement') return verification;
  const { expected, found } = verification;
  return { ...verification, expected: bytesToJson(expected), found: valueToJson(found) };
}

/** 0 when all that was promised was so and anything at all was done; what the interrupted ends with is not ours. */
export function benchExitCode(report: BenchReport): number {
  const { failure, verification, doneCount, errors, historyFailure } = report;
  if (failure !== null) return exitCodeOf(new KvxError(failure.message, failure));
  if (verification?.passed === false) return exitCodes.no;
  if (historyFailure !== null) return exitCodeOf(historyFailure);
  const [commonest] = errors;
  if (doneCount > 0 || commonest === undefined) return exitCodes.yes;
  return exitCodeOf(new KvxError(commonest.example, commonest));
}

function headlines(report: BenchReport, { mode, runtime, nodeCount }: Measured): string[] {
  const { plan, doneCount, elapsedMs, interrupted } = report;
  const { workload, operationsMax, clientCount, seed } = plan;
  const wanted = Number.isFinite(operationsMax) ? ` of ${operationsMax}` : '';
  const rate = Math.round(perSecond(doneCount, elapsedMs));
  const nodes = `${mode}, ${quantity(nodeCount, 'node')} as ${runtime}`;
  const load = `${quantity(clientCount, 'client')}, seed ${seed}`;
  const end = interrupted ? 'interrupted after' : 'in';
  const took = formatDuration(elapsedMs);
  return [`${workload}: ${doneCount}${wanted} done ${end} ${took}, ${rate}/s`, `${nodes}, ${load}`];
}

const shownCharactersMax = 40;
/** Of a pipe, too: what is pasted into a mail or an issue should fit there. */
const widthDefault = 80;
const proseWidthMax = 100;

const right = (title: string) => ({ title, align: 'right' }) as const;

type LatencyName = keyof LatencySummary;

const allLatencies: readonly LatencyName[] = ['p50', 'p90', 'p99', 'p99.9', 'max'];
/** What fits 80 columns. */
const shownLatencies = allLatencies.filter((name) => name !== 'p99.9');

const operationColumns = (latencies: readonly LatencyName[]) => [
  { title: 'OPERATION' },
  ...['DONE', 'ABSENT', 'ERRORS', 'PER SEC'].map(right),
  ...latencies.map((name) => right(`${name.toUpperCase()} MS`)),
];

function operationRow(
  figures: OperationFigures,
  latencies: readonly LatencyName[],
  elapsedMs: Millis,
): string[] {
  const { operation, doneCount, absentCount, errorCount, latencyMs } = figures;
  return [
    operation,
    String(doneCount),
    absentCount === 0 ? '' : String(absentCount),
    String(errorCount),
    String(Math.round(perSecond(doneCount, elapsedMs))),
    ...latencies.map((name) => (latencyMs === null ? '-' : threeDigits(latencyMs[name]))),
  ];
}

/** How many errors of one kind there were, whether they surely had no effect, and the words of the first. */
function errorLines({ code, definite, operation, count, example }: ErrorFigures, width: number) {
  // A read changes nothing in any case.
  const kind = definite ? ': surely did not happen' : ': may have happened';
  const words = wrap(example, Math.min(width, proseWidthMax) - 2).map((line) => `  ${line}`);
  return [
    `${quantity(count, `${operation} error`)}, ${code}${operation === 'get' ? '' : kind}`,
    ...words,
  ];
}

const faultsNamedMax = 4;

/** What comes and goes is named once. */
function faultSentence(faults: readonly LoadFault[]): string {
  const alike = new Map<string, LoadFault[]>();
  for (const fault of faults) {
    const name = `${fault.by}\n${fault.words}`;
    if (alike.get(name)?.push(fault) === undefined) alike.set(name, [fault]);
  }
  const named = [...alike.values()].slice(0, faultsNamedMax).map(faultPhrase);
  const more = alike.size - named.length;
  return `faults: ${named.join(', ')}${more > 0 ? ` and ${more} more; --json has them all` : ''}`;
}

function faultPhrase(alike: readonly LoadFault[]): string {
  const [{ words, by, fromMs }] = alike as readonly [LoadFault];
  const { toMs } = alike.at(-1) as LoadFault;
  const from = fromMs === 0 ? 'from the start' : `from ${formatDuration(fromMs)}`;
  const to = toMs === null ? 'to the end' : `to ${formatDuration(toMs)}`;
  const who = by === null || by === 'user' ? '' : `${oneLine(by, shownCharactersMax)}, `;
  const times = alike.length === 1 ? '' : `${alike.length} times `;
  return `${oneLine(faultTitle(words), shownCharactersMax)} (${who}${times}${from} ${to})`;
}

function verdictLines({ failure, verification, interrupted, plan }: BenchReport): string[] {
  if (failure !== null) return [`gave up: ${failure.message}`];
  if (verification !== null) return verificationLines(verification, plan.operationsMax);
  return interrupted && plan.workload !== 'mixed' ? ['not verified'] : [];
}

function verificationLines(verification: Verification, wantedCount: number): string[] {
  if (verification.type === 'read-back') {
    const { passed, expected, found } = verification;
    if (passed) return ['read back: the last value set'];
    return [`read back: ${shown(found)}, not the last value set, ${shown(expected)}`];
  }
  const { passed, keyCount, differenceCount, unreachable, unsettled } = verification;
  // As `kvx verify` says it, for scripts that look for this line.
  if (passed) return ['agree'];
  return [
    ...(differenceCount > 0
      ? [`differ: ${differenceCount} of ${quantity(keyCount, 'key')}; see \`kvx verify\``]
      : []),
    ...(keyCount < wantedCount
      ? [`lost: ${wantedCount} keys were set, ${keyCount} are there`]
      : []),
    ...unreachable.map(({ node, why }) => `not compared ${node}: ${why}`),
    ...(unsettled.length > 0 ? [`not settled: ${unsettled.join(', ')}`] : []),
  ];
}

/** A value that somebody else has set meanwhile may be anything. */
const shown = (value: Uint8Array | null): string =>
  value === null ? 'nothing' : bytesToLine(value, shownCharactersMax);

const perSecond = (count: number, ms: Millis): number => (ms > 0 ? (count * 1000) / ms : 0);

/** Three digits that count: 0.123, 1.23, 12.3, 1235. */
function threeDigits(ms: Millis): string {
  if (ms >= 100) return ms.toFixed(0);
  if (ms >= 10) return ms.toFixed(1);
  return ms.toFixed(ms >= 1 ? 2 : 3);
}

/** Over less the rate would jump about, over more it would be old news. */
const windowMs: Millis = 2_000;

/** Shows on standard error how far a bench is. */
export function showProgress(plan: BenchPlan): Watch {
  return (progress) => {
    const describe = progressLine(plan, performance.now());
    const live = new LiveLine(() => describe(progress(), performance.now())).start();
    return () => live.end();
  };
}

/** Turns what is measured so far into a line such as `4.2 s  42%  12345 done  2941/s  3 errors`. */
export function progressLine({ operationsMax, durationMs }: BenchPlan, startedAt: Millis) {
  const samples = [{ at: startedAt, doneCount: 0 }];
  const rateOf = (now: Millis, doneCount: number): number => {
    samples.push({ at: now, doneCount });
    // The first is the newest that is old enough.
    while (samples.length > 2 && now - (samples[1]?.at ?? now) >= windowMs) samples.shift();
    const [since = { at: now, doneCount }] = samples;
    return now === since.at ? 0 : ((doneCount - since.doneCount) * 1000) / (now - since.at);
  };
  return (progress: BenchProgress, now: Millis): string => {
    const { phase, doneCount, errorCount, waitingFor } = progress;
    const elapsedMs = now - startedAt;
    const took = formatDuration(elapsedMs);
    if (phase === 'verify') {
      const waiting = waitingFor.length > 0 ? `, waiting for ${waitingFor.join(', ')}` : '';
      return `${took}  ${doneCount} done  verifying${waiting}`;
    }
    const share = Math.min(1, Math.max(doneCount / operationsMax, elapsedMs / durationMs));
    const rate = Math.round(rateOf(now, doneCount));
    const errors =
      errorCount === 0 ? '' : `  ${errorCount} ${errorCount === 1 ? 'error' : 'errors'}`;
    return `${took}  ${Math.floor(share * 100)}%  ${doneCount} done  ${rate}/s${errors}`;
  };
}
