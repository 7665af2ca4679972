/** `kvx run`: one script, or many of them one after another, under one seed or several. */

import { readFinally } from '../../client/final-reads.js';
import { readPlainConfigFile } from '../../config/file.js';
import { ConfigError } from '../../config/problem.js';
import type { ClusterSpec } from '../../config/spec.js';
import { interrupted, KvxError } from '../../core/errors.js';
import { keyBytesMax, valueBytesMax } from '../../core/limits.js';
import { quantity } from '../../core/show.js';
import type { DialectOptions } from '../../coursework/dialect.js';
import { runDialect } from '../../coursework/run-dialect.js';
import { type DialectName, dialectOfText } from '../../coursework/words.js';
import { KeptHistory } from '../../explore/kept-history.js';
import { linksForVerify } from '../../faults/topology.js';
import { FileSink } from '../../history/files/file-sink.js';
import { JsonLines } from '../../history/recorder/json-lines.js';
import { Recorder } from '../../history/recorder/recorder.js';
import { exitCodes } from '../../render/failure.js';
import { parseScript } from '../../scenario/parser.js';
import type { Program } from '../../scenario/program.js';
import { Runner, type RunReport } from '../../scenario/runner.js';
import { ScriptOutput, type Streams } from '../../scenario/script-output.js';
import { drawSeed, openTarget, type RunPlace } from '../../targets/place.js';
import { ImpossibleState, type Target } from '../../targets/target.js';
import { tracedPauses } from '../../targets/told-faults.js';
import { diagramOf } from '../../trace/diagram.js';
import { host } from '../host.js';
import type { RunTold } from '../report/run-told.js';
import { toldEventsMax } from '../report/told-trace.js';
import { linesFrom, openInput, readText } from '../text-input.js';
import { display } from './display.js';
import type { ScriptFile } from './library.js';
import { codeOf, makeReporter, type ReporterName, type RunVerdict } from './run-report.js';
import { RunTrace } from './run-trace.js';

export interface ScriptsOptions extends Omit<ProgramRunOptions, 'place'> {
  /** Where each script runs: once in each place. */
  readonly places: readonly RunPlace[];
  /** `null`: `list` where there are several runs; a single one needs none. */
  readonly reporter: ReporterName | null;
}

/**
 * The exit code: that of the first run that is not right. Of a single run without a reporter, throws the error that ends
 * it. Interrupted, throws `interrupted`.
 */
export async function runScripts(
  programs: readonly Program[],
  options: ScriptsOptions,
): Promise<number> {
  const { places, reporter: name, streams } = options;
  const [program] = programs;
  const [place] = places;
  const count = programs.length * places.length;
  if (count === 1 && name === null && program !== undefined && place !== undefined) {
    const { failed, heldCount } = await runProgram(program, { ...options, place });
    if (!failed && heldCount > 0 && !options.json) {
      streams.err(`${quantity(heldCount, 'expectation')} held.`);
    }
    return failed ? exitCodes.no : exitCodes.yes;
  }
  const kind = name ?? (options.json ? 'json' : 'list');
  const reporter = makeReporter(kind, { runs: count, seeds: places.length }, streams);
  // Nobody reads a hundred runs of one script; of one that is not right, all is told.
  const isShown = kind === 'list' && places.length === 1;
  let code = 0;
  for (const each of programs) {
    if (isShown && options.echo) streams.out(`# ${each.source}\n`);
    for (const where of places) {
      const place = seeded(where);
      const verdict = await verdictOf(each, { ...options, place }, isShown);
      reporter.end(verdict);
      code ||= codeOf(verdict);
    }
  }
  reporter.close();
  return code;
}

/** With a seed of its own, so that it can be told how to see the same again. */
function seeded(place: RunPlace): RunPlace {
  const isDrawn = 'seed' in place && place.runtime === 'sim' && place.seed === null;
  return isDrawn ? { ...place, seed: drawSeed() } : place;
}

async function verdictOf(
  program: Program,
  options: ProgramRunOptions,
  isShown: boolean,
): Promise<RunVerdict> {
  const { place, signal } = options;
  const said: string[] = [];
  const streams: Streams = { out: () => {}, err: (line) => said.push(line) };
  const { seed, bug } = 'seed' in place ? place : { seed: null };
  const began = performance.now();
  let report: RunReport = { heldCount: 0, failed: false, key: null };
  let error: KvxError | null = null;
  try {
    report = await runProgram(program, isShown ? options : { ...options, json: false, streams });
  } catch (caught) {
    if (signal.aborted || !(caught instanceof KvxError)) throw caught;
    error = caught;
  }
  const tookMs = performance.now() - began;
  return { source: program.source, seed, bug, ...report, error, said, tookMs };
}

interface StreamOptions {
  readonly place: RunPlace;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

export interface ProgramRunOptions extends StreamOptions {
  /** One JSON document a command. */
  readonly json: boolean;
  /** Shows each command before its answer. */
  readonly echo: boolean;
  /** Where to write down what clients ask and are told; `null`: nowhere. */
  readonly historyPath: string | null;
  /** Where to write down what happens in the script's own cluster; `null`: nowhere. */
  readonly tracePath: string | null;
  /** Draws what happened in it, at the end. */
  readonly diagram: boolean;
  /** Who is told what came of it; absent or `null`: nobody. */
  readonly told?: RunTold | null;
}

/** Of those that are kept to be drawn: the last ones. */
const drawnMax = 200_000;

/** Room for the largest key and value, and for what is said of them. */
const lineBytesMax = keyBytesMax + valueBytesMax + 1024;

/**
 * A kvx script, read and checked. `file` of `-`: standard input; `spec` is the cluster to start when the script starts
 * none. Throws `ConfigError` when it can't be read as one.
 */
export async function loadScript(
  { file, source }: ScriptFile,
  spec: ClusterSpec,
  { attached, asShell = false }: { readonly attached: boolean; readonly asShell?: boolean },
  signal: AbortSignal,
): Promise<Program> {
  const { text } = await readText(file, signal, 'the script');
  const whole = decode(text, source);
  const script = asShell ? untilLeaving(whole) : whole;
  const options = { source, spec, attached, readConfig: readPlainConfigFile };
  try {
    return parseScript(script, options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const wrong = new Set(error.problems.map(({ line }) => line));
    const dialect = dialectOfText(script, (number) => !wrong.has(number));
    if (dialect === null) throw error;
    const message = `these are words of ${dialect}: --dialect ${dialect}`;
    throw new ConfigError([{ source, message }], 'the script');
  }
}

/** `exit` and `quit` end a shell; they are no commands. */
const untilLeaving = (script: string): string =>
  script.split(/^[ \t]*(?:exit|quit)[ \t]*\r?$/m)[0] ?? '';

/** Runs a script, on a target of its own unless its place is a cluster that is up. */
export async function runProgram(program: Program, options: ProgramRunOptions): Promise<RunReport> {
  const { place, signal, told = null } = options;
  const streams = told?.listening(options.streams) ?? options.streams;
  const sink = options.historyPath === null ? null : new FileSink(options.historyPath);
  const { tracePath, diagram } = options;
  const keptMax = told !== null ? toldEventsMax : diagram ? drawnMax : 0;
  const isTraced = (tracePath !== null || keptMax > 0) && !('cluster' in place);
  const trace = isTraced ? new RunTrace(tracePath, keptMax) : null;
  let key: string | null = null;
  const target = openTarget(place, streams, signal, trace);
  const now = () => target.timing.now();
  const lines = sink === null ? null : new JsonLines(sink);
  const kept = program.judgesHistory || told !== null ? new KeptHistory(lines) : null;
  const events = kept ?? lines;
  const recorder = events === null ? null : new Recorder({ sink: events, now });
  told?.begin(program, target);
  const output = new ScriptOutput(streams, display, options);
  const unwatch = recorder === null ? null : await target.watchFaults(recorder);
  if (trace !== null && target.tellTrace !== undefined) {
    await target.watchFaults(tracedPauses(target.tellTrace));
  }
  const runner = new Runner(target, output, signal, { recorder, kept, host });
  try {
    const report = await runner.run(program);
    key = report.key;
    told?.leave(target);
    // What is read for the verdict alone is no part of the run that a report shows.
    if (told !== null && lines === null) trace?.leave();
    const isJudgedLater = lines !== null || told !== null;
    if (recorder !== null && isJudgedLater && target.spec !== null) {
      await endReading(target, recorder, signal).catch(unlessImpossible);
    }
    return report;
  } catch (error) {
    // What was under way may have taken effect.
    throw signal.aborted ? interrupted(false) : error;
  } finally {
    runner.close();
    // What is on at the end was never mended.
    unwatch?.();
    told?.leave(target);
    const traceHash = told?.traceHash ?? target.traceHash;
    await target.close();
    recorder?.close();
    trace?.close();
    told?.end(kept?.history() ?? null, trace?.kept ?? null);
    if (trace !== null && tracePath !== null) {
      const same = traceHash === undefined ? '' : ` Trace hash: ${traceHash}.`;
      streams.err(`${quantity(trace.count, 'event')} in ${tracePath}.${same}`);
    }
    if (trace !== null && diagram) {
      const rows = diagramOf(trace.kept, { width: Math.max(40, display.width()), key });
      streams.out(`\n${rows.join('\n')}\n`);
    }
  }
}

/** A world in which that was found stands still: nothing can be read in it. */
function unlessImpossible(error: unknown): void {
  if (!(error instanceof ImpossibleState)) throw error;
}

/** So that the history tells whether the nodes agree. While links are cut nobody waits until they do. */
async function endReading(target: Target, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const { linksCut } = linksForVerify(target.spec?.nodes ?? [], target.rules(), false);
  const waiting = linksCut ? { convergeMs: 0 } : {};
  await readFinally(target.endpoints(), { recorder, timing: target.timing, signal, ...waiting });
}

export interface DialectRun extends StreamOptions {
  /** The cluster to start, unless one is up. */
  readonly spec: ClusterSpec;
  readonly dialect: DialectOptions;
  readonly asShell: boolean;
}

/** Runs a script of a coursework dialect, line by line as it comes; `file` of `-`: standard input. */
export async function runDialectFile(
  name: DialectName,
  file: string,
  run: DialectRun,
): Promise<void> {
  // Line by line as they come: whoever writes commands into a pipe may wait for the answer to each.
  const input = openInput(file, run.signal);
  await runDialectLines(name, linesFrom(input, lineBytesMax), { ...run, source: input.source });
}

export async function runDialectLines(
  name: DialectName,
  lines: AsyncIterable<string>,
  run: DialectRun & { readonly source: string },
): Promise<void> {
  const { place, source, spec, signal, streams, dialect, asShell } = run;
  const target = openTarget(place, streams, signal);
  const { out, err } = streams;
  try {
    const context = { target, source, out, err, signal, spec, options: dialect };
    await runDialect(name, lines, context, asShell);
  } catch (error) {
    throw signal.aborted ? interrupted(false) : error;
  } finally {
    await target.close();
  }
}

function decode(text: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch {
    const message = 'it is not UTF-8 text; any byte can be written as \\x00 to \\xff';
    throw new ConfigError([{ source, message }], 'the script');
  }
}
