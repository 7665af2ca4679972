/** What a bench found out, for people and for programs. */
import { formatDuration } from '../config/duration.js';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { oneLine, quantity } from '../core/show.js';
import { faultTitle } from '../history/faults.js';
import { modeTitle } from '../protocols/catalog.js';
import { bytesToJson, bytesToLine, valueToJson } from '../render/bytes.js';
import { type AnswerKind, exitCodeOf, exitCodes, failureLines } from '../render/failure.js';
import {
  note,
  outputWidth,
  printFailure,
  printJson,
  printLine,
  styleFor,
} from '../render/output.js';
import { right } from '../render/page.js';
import type { TableOptions } from '../render/table.js';
import { tableLines } from '../render/table.js';
import { wrap } from '../render/wrap.js';
import type { LatencySummary } from './latencies.js';
import type { LoadFault } from './load-faults.js';
import { insists } from './part.js';
import type { BenchReport } from './run.js';
import { type StalenessReport, stalenessLines } from './staleness-lines.js';
import type { ErrorFigures, OperationFigures } from './tally.js';
import type { ThresholdVerdict } from './thresholds.js';
import type { Verification } from './verification.js';
import { perSecond, threeDigits, windowLines } from './window-lines.js';

/** Of the cluster that was measured. */
export interface Measured {
  readonly cluster: string;
  readonly mode: string;
  readonly runtime: string;
  readonly nodeCount: number;
  /** What a nemesis did meanwhile. */
  readonly nemesis?: unknown;
  /** Which consistency its history shows; absent: nobody asked. */
  readonly check?: Judged | null;
}

/** What became of a history's judging, for the report. */
export interface Judged {
  readonly answer: AnswerKind;
  readonly sentences: readonly string[];
  /** Of a mode whose reads may be stale: how many were, and how many were to be expected. */
  readonly staleness: StalenessReport | null;
  readonly document: unknown;
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

export function benchLines(
  report: BenchReport,
  measured: Measured,
  options: TableOptions = {},
): string[] {
  const { operations, errors, faults, windows, elapsedMs } = report;
  const { width = widthDefault } = options;
  const prose = Math.min(width, proseWidthMax);
  const names = width === Number.POSITIVE_INFINITY ? allLatencies : shownLatencies;
  const columns = operationColumns(names);
  const operationRows = operations.map((figures) => operationRow(figures, names, elapsedMs));
  return [
    ...headlines(report, measured),
    ...(operations.length > 0 ? tableLines(columns, operationRows, options) : []),
    ...(windows.length > 0 ? ['', ...windowLines(windows, options)] : []),
    ...(faults.length > 0 ? ['', ...wrap(faultSentence(faults), prose)] : []),
    ...(errors.length > 0 ? ['', ...errors.flatMap((figures) => errorLines(figures, width))] : []),
    ...remarks(report).flatMap((remark) => wrap(remark, prose)),
    ...verdictLines(report),
    ...thresholdLines(report.thresholds),
    ...(measured.check?.sentences ?? []).flatMap((sentence) => wrap(sentence, prose)),
    ...stalenessLines(measured.check?.staleness ?? null, options),
  ];
}

/** A thread that is busier than this may be what was slow. */
const busyShareMax = 0.9;
/** Over less, the beginning is all there is. */
const busyMsMin: Millis = 1000;

/** What to know before the figures are believed. */
function remarks(report: BenchReport): string[] {
  const { unfinishedCount, overdueCount, generator, plan, elapsedMs } = report;
  const { threads, busyShare } = generator;
  const isBusy = busyShare > busyShareMax && elapsedMs >= busyMsMin;
  const busy = `the load generator was busy ${Math.round(100 * busyShare)}% of the time (${quantity(threads, 'thread')}) and may be what was slow: --threads`;
  return [
    ...(unfinishedCount > 0 ? [`unfinished: ${unfinishedCount} were under way when it ended`] : []),
    ...(overdueCount > 0
      ? [
          `overdue: ${overdueCount} were due and never asked, since all ${quantity(plan.clientCount, 'client')} waited for answers`,
        ]
      : []),
    ...(isBusy ? [`note: ${busy}`] : []),
  ];
}

function thresholdLines(thresholds: readonly ThresholdVerdict[]): string[] {
  const marks = { true: '✓', false: '✗', null: '?' } as const;
  return thresholds.map(({ text, holds, measured }) => `${marks[`${holds}`]} ${text}: ${measured}`);
}

/** What `--json` prints. */
export function benchDocument(report: BenchReport, measured: Measured): unknown {
  const { plan, operations, elapsedMs, doneCount, failure, verification, historyFailure, ...rest } =
    report;
  const bounded = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const { check, ...cluster } = measured;
  return {
    ...cluster,
    ...(check ? { check: check.document } : {}),
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

/**
 * 0 when all that was promised was so, every threshold was kept, and anything at all was done; what the interrupted ends
 * with is not ours.
 */
export function benchExitCode(report: BenchReport, check: Judged | null = null): number {
  const { failure, verification, doneCount, errors, historyFailure, thresholds } = report;
  if (failure !== null) return exitCodeOf(new KvxError(failure.message, failure));
  const verdicts = thresholds.map(({ holds }) => holds);
  if (verification?.passed === false || verdicts.includes(false)) return exitCodes.no;
  if (check !== null && check.answer !== 'yes') return exitCodes[check.answer];
  if (verdicts.includes(null)) return exitCodes.unknown;
  if (historyFailure !== null) return exitCodeOf(historyFailure);
  const [commonest] = errors;
  if (doneCount > 0 || commonest === undefined) return exitCodes.yes;
  return exitCodeOf(new KvxError(commonest.example, commonest));
}

function headlines(report: BenchReport, { mode, runtime, nodeCount }: Measured): string[] {
  const { plan, doneCount, elapsedMs, interrupted } = report;
  const { workload, operationsMax, clientCount, pipeline, rate: dueRate, seed } = plan;
  const wanted = Number.isFinite(operationsMax) ? ` of ${operationsMax}` : '';
  const rate = Math.round(perSecond(doneCount, elapsedMs));
  const nodes = `${modeTitle(mode)}, ${quantity(nodeCount, 'node')} as ${runtime}`;
  const deep = pipeline > 1 ? ` ${pipeline} deep` : '';
  const pace = dueRate === null ? '' : `, ${dueRate}/s due`;
  const load = `${quantity(clientCount, 'client')}${deep}${pace}, seed ${seed}`;
  const end = interrupted ? 'interrupted after' : 'in';
  const took = formatDuration(elapsedMs);
  return [`${workload}: ${doneCount}${wanted} done ${end} ${took}, ${rate}/s`, `${nodes}, ${load}`];
}

const shownCharactersMax = 40;
/** Of a pipe, too: what is pasted into a mail or an issue should fit there. */
const widthDefault = 80;
const proseWidthMax = 100;

type LatencyName = keyof LatencySummary & string;

export const allLatencies: readonly LatencyName[] = ['p50', 'p90', 'p99', 'p99.9', 'max'];
/** What fits 80 columns. */
const shownLatencies = allLatencies.filter((name) => name !== 'p99.9');

export const operationColumns = (latencies: readonly LatencyName[]) => [
  { title: 'OPERATION' },
  ...['DONE', 'ABSENT', 'ERRORS', 'PER SEC'].map(right),
  ...latencies.map((name) => right(`${name.toUpperCase()} MS`)),
];

export function operationRow(
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
  return interrupted && insists(plan) ? ['not verified'] : [];
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
