/** `kvx check`: reads a history, has it judged and prints the report. */

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { nanoseconds } from '../check/evidence/time.js';
import type {
  CheckOptions,
  CheckReport,
  Evidence,
  Format,
  History,
  ModelName,
  ModelReport,
  Staleness,
  Verdict,
} from '../check/index.js';
import { models } from '../check/models.js';
import { toDuration } from '../config/duration.js';
import { KvxError, usageError } from '../core/errors.js';
import { unknownWord } from '../core/suggest.js';
import { evidenceLines, hasClock } from '../operations/evidence-lines.js';
import { toBytes } from '../operations/given.js';
import type { AnswerKind } from '../render/failure.js';
import { exitCodes } from '../render/failure.js';
import { LiveLine } from '../render/live-line.js';
import { outputWidth, printJson, printLine, styleFor } from '../render/output.js';
import { wrap } from '../render/wrap.js';
import { nothingTold } from '../report/report.js';
import type { Perform } from './command.js';
import type { TypedCommand } from './perform-typed.js';
import { aboutOf } from './report/about.js';
import { ReportFile } from './report/report-file.js';

export interface CheckFlags {
  readonly json: boolean;
  readonly model?: string | undefined;
  readonly timeout: string;
  readonly memory: string;
  readonly quiet: string;
  readonly initial?: string | undefined;
  readonly format?: string | undefined;
  readonly export?: string | undefined;
  readonly report?: string | undefined;
}

/** Whether the models asked for are kept; or, of none, whether it is known which are. */
export async function checkHistory(
  file: string,
  flags: CheckFlags,
  typed: Pick<TypedCommand, 'argv' | 'config'>,
): Promise<AnswerKind> {
  // All that is heavy loads here, where it is certain to be needed.
  const library = await import('../check/index.js');
  const asked =
    flags.model === undefined ? null : toNames(flags.model, '--model', library.modelNames);
  const [format] =
    flags.format === undefined ? [] : toNames(flags.format, '--format', library.formats);
  const reportFile = ReportFile.open(flags.report);
  let doing = '';
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  const progress = new LiveLine(() => `${doing} (${seconds()} s)…`);
  const says = (what: string): void => {
    doing = what;
    progress.say();
  };
  const deadline = performance.now() + toDuration(flags.timeout, '--timeout');
  const limits: CheckOptions = {
    memoryBytes: toBytes(flags.memory, '--memory'),
    quietMs: toDuration(flags.quiet, '--quiet'),
    onProgress: (what) => says(`judging: ${what.replaceAll('-', ' ')}`),
  };
  const history = await readFrom(file, format, says, deadline);
  if (flags.export !== undefined) {
    const { toEdn } = await import('../history/edn/write.js');
    const path = flags.export;
    await pipeline(toEdn(history), createWriteStream(path)).catch((error: Error) => {
      throw usageError(`can't write ${path}: ${error.message}`);
    });
  }
  const report = await library.check(history, {
    ...limits,
    timeoutMs: Math.max(0, deadline - performance.now()),
    now: () => performance.now(),
    ...(asked === null ? {} : { models: asked }),
    ...(flags.initial === undefined ? {} : { initial: flags.initial }),
  });
  progress.end();
  printCheck(report, { file, json: flags.json, asked });
  await reportFile?.write({
    ...nothingTold,
    about: aboutOf('check', typed),
    check: report,
    history,
  });
  return checkAnswer(report, asked);
}

async function readFrom(
  file: string,
  format: Format | undefined,
  says: (doing: string) => void,
  deadline: number,
): Promise<History> {
  const { readHistory } = await import('../check/index.js');
  const onProgress = (bytes: number) => {
    says(`reading: ${Math.round(bytes / 1e6)} MB`);
    // What fits in one piece has been read by now, and can be reported on.
    if (bytes > firstPieceBytes && performance.now() > deadline) throw tooLittleTime(file);
  };
  const options = format === undefined ? { onProgress } : { onProgress, format };
  return file === '-'
    ? readHistory(process.stdin as AsyncIterable<Uint8Array>, options)
    : readHistory(file, options);
}

const firstPieceBytes = 4 * 1024 * 1024;

/** Of a history of which only a part was read nothing can be said. */
const tooLittleTime = (file: string): KvxError =>
  new KvxError(`${file}: time limit: there was not even time to read all of it`, {
    code: 'timeout',
    definite: false,
    hint: 'Give it more with --timeout.',
  });

/** Names separated by commas, each one of those known. */
function toNames<Name extends ModelName | Format>(
  text: string,
  flag: string,
  known: readonly Name[],
): Name[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!known.includes(name as Name)) throw unknownWord(`${flag}: there is no`, name, known);
  }
  return names as Name[];
}

const perform: Perform = async (typed) => {
  const {
    words: [file = '-'],
    flags,
  } = typed;
  process.exitCode = exitCodes[await checkHistory(file, flags as unknown as CheckFlags, typed)];
};

export default { perform };

export interface Shown {
  readonly file: string;
  readonly json: boolean;
  /** The models that the user asked for; `null`: which one was it? */
  readonly asked: readonly ModelName[] | null;
}

/** Of a report wider than this a person loses the line. */
const widthMax = 120;

export function printCheck(report: CheckReport, { file, json, asked }: Shown): void {
  if (json) {
    printJson({ file, ...report });
    return;
  }
  const width = Math.min(outputWidth(), widthMax);
  printLine(...wrap(summaryOf(report), width));
  if (report.initial !== null) printLine(...wrap(initialLine(report.initial), width));
  printLine(answerOf(report, asked), '');
  printLadder(report.models, width);
  if (report.evidence !== null) printEvidence(report.evidence, width, hasClock(report));
  if (report.staleness !== null && hasClock(report)) printStaleness(report.staleness, width);
}

/**
 * With models asked for: are they kept? Without: is it known which one it was? Then a violation is part of the answer,
 * and only that no model at all holds is a no.
 */
export function checkAnswer(report: CheckReport, asked: readonly ModelName[] | null): AnswerKind {
  const verdicts = report.models.map(({ verdict }) => verdict);
  if (asked !== null) {
    if (verdicts.includes('violated')) return 'no';
    return verdicts.includes('unknown') ? 'unknown' : 'yes';
  }
  const holding = report.models.findIndex(({ model }) => model === report.strongest);
  const above = holding === -1 ? verdicts : verdicts.slice(0, holding);
  if (above.includes('unknown')) return 'unknown';
  return holding === -1 ? 'no' : 'yes';
}

const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : one.endsWith('s') ? 'es' : 's'}`;

function summaryOf(report: CheckReport): string {
  const { operations, processes, keys, durationNs } = report;
  const time = hasClock(report) ? `, over ${nanoseconds(durationNs)} of its clock` : '';
  const what = `${counted(operations, 'operation')} of ${counted(processes, 'process')}`;
  return `${what} on ${counted(keys, 'key')}${time}`;
}

function initialLine({ sentence, isAssumed }: NonNullable<CheckReport['initial']>): string {
  if (!isAssumed) return `As you say, ${sentence}.`;
  return `Judged as if ${sentence}: that was read before anybody wrote it (--initial says otherwise).`;
}

function answerOf(report: CheckReport, asked: readonly ModelName[] | null): string {
  const { strongest } = report;
  const { bold } = styleFor(process.stdout);
  if (asked !== null && report.models.every(({ verdict }) => verdict === 'holds')) {
    return bold(report.models.length === 1 ? 'It holds.' : 'All of them hold.');
  }
  if (strongest !== null) return `The strongest that holds: ${bold(models[strongest].title)}`;
  return bold(
    report.models.some(({ verdict }) => verdict === 'unknown')
      ? 'None is known to hold.'
      : 'None of them holds.',
  );
}

const marks: Readonly<Record<Verdict, string>> = { holds: '✓', violated: '✗', unknown: '?' };

function printLadder(reports: readonly ModelReport[], width: number): void {
  const style = styleFor(process.stdout);
  const colours = { holds: style.green, violated: style.red, unknown: style.yellow };
  const titles = Math.max(...reports.map(({ title }) => title.length));
  const indent = titles + 15;
  const said = new Map<string, string>();
  for (const { title, verdict, reason } of reports) {
    // Why something holds is soon said; a violation is not told twice.
    const before = verdict === 'holds' ? undefined : said.get(reason);
    if (before === undefined) said.set(reason, title);
    const head = colours[verdict](`${marks[verdict]} ${title.padEnd(titles)}  ${verdict}`);
    const text = before === undefined ? reason : `as for ${before}`;
    const lines = text === '' || width - indent < 20 ? [] : wrap(text, width - indent);
    const padding = ' '.repeat(indent - titles - 4 - verdict.length);
    const shown = lines.map((line) => (verdict === 'holds' ? style.dim(line) : line));
    printLine(shown.length === 0 ? head : `${head}${padding}${shown[0]}`);
    printLine(...shown.slice(1).map((line) => ' '.repeat(indent) + line));
  }
}

function printEvidence(evidence: Evidence, width: number, hasTimes: boolean): void {
  printLine('', ...evidenceLines(evidence, { width, hasTimes, style: styleFor(process.stdout) }));
}

function printStaleness({ sentence, deltaNs }: Staleness, width: number): void {
  const { bold } = styleFor(process.stdout);
  const delta = deltaNs === null ? '' : `; Δ = ${nanoseconds(deltaNs)}`;
  printLine('', ...wrap(`${bold('How stale')}: ${sentence}${delta}`, width));
}
