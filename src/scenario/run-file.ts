/** `kvx run`: a script from a file or standard input, on a target that is taken down again in every case. */
import { randomInt } from 'node:crypto';
import { readText } from '../cli/read-text.js';
import { linesOf, openInput } from '../cli/text-input.js';
import { readFinally } from '../client/final-reads.js';
import type { Cluster } from '../cluster/state/state.js';
import { ConfigError } from '../config/problem.js';
import type { ClusterSpec } from '../config/spec.js';
import { KvxError } from '../core/errors.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { DialectOptions } from '../coursework/dialect.js';
import { runDialect } from '../coursework/run-dialect.js';
import { type DialectName, dialectOfText } from '../coursework/words.js';
import { FileSink } from '../history/files/file-sink.js';
import { JsonLines } from '../history/recorder/json-lines.js';
import { Recorder } from '../history/recorder/recorder.js';
import { AttachedTarget, LocalTarget } from '../targets/local.js';
import { SimTarget } from '../targets/sim.js';
import type { Target, TargetRuntime } from '../targets/target.js';
import type { ScriptFile } from './library.js';
import { parseScript } from './parser.js';
import type { Program } from './program.js';
import { Runner, type RunReport } from './runner.js';
import { ScriptOutput, type Streams } from './script-output.js';

/** Where a script is to run: on a cluster that is up, or on one of its own. */
export type Place =
  | { readonly cluster: Cluster }
  | {
      readonly runtime: TargetRuntime;
      /** For the simulator; `null`: drawn, and told. */
      readonly seed: number | null;
    };

interface StreamOptions {
  readonly place: Place;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

export interface RunOptions extends StreamOptions {
  /** One JSON document a command. */
  readonly json: boolean;
  /** Shows each command before its answer. */
  readonly echo: boolean;
  /** Where to write down what clients ask and are told; `null`: nowhere. */
  readonly historyPath: string | null;
}

export const seedMax = 2 ** 31;
/** Room for the largest key and value, and for what is said of them. */
const lineBytesMax = keyBytesMax + valueBytesMax + 1024;

export function openTarget(place: Place, streams: Streams, signal: AbortSignal): Target {
  if ('cluster' in place) return new AttachedTarget(place.cluster, signal);
  if (place.runtime !== 'sim') return new LocalTarget(place.runtime, signal);
  const seed = place.seed ?? randomInt(seedMax);
  if (place.seed === null) streams.err(`Simulated with --seed ${seed}.`);
  return new SimTarget({ seed });
}

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
  const options = { source, spec, attached };
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
export async function runProgram(program: Program, options: RunOptions): Promise<RunReport> {
  const { place, signal, streams } = options;
  const sink = options.historyPath === null ? null : new FileSink(options.historyPath);
  const target = openTarget(place, streams, signal);
  const now = () => target.timing.now();
  const recorder = sink === null ? null : new Recorder({ sink: new JsonLines(sink), now });
  const runner = new Runner(target, new ScriptOutput(streams, options), signal, recorder);
  try {
    const report = await runner.run(program);
    if (recorder !== null && target.spec !== null) await endReading(target, recorder, signal);
    return report;
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  } finally {
    runner.close();
    await target.close();
    recorder?.close();
  }
}

/** What was under way when it was interrupted may have taken effect. */
const interrupted = (): KvxError =>
  new KvxError('interrupted', { code: 'interrupted', definite: false });

/** So that the history tells whether the nodes agree. While links are cut nobody waits until they do. */
async function endReading(target: Target, recorder: Recorder, signal: AbortSignal): Promise<void> {
  const waiting = target.rules().cuts.length > 0 ? { convergeMs: 0 } : {};
  await readFinally(target.endpoints(), { recorder, timing: target.timing, signal, ...waiting });
}

export interface DialectRun extends StreamOptions {
  /** `-`: standard input. */
  readonly file: string;
  /** The cluster to start, unless one is up. */
  readonly spec: ClusterSpec;
  readonly dialect: DialectOptions;
  readonly asShell: boolean;
}

/** Runs a script of a coursework dialect, line by line as it comes. */
export async function runDialectFile(name: DialectName, run: DialectRun): Promise<void> {
  const { file, place, spec, signal, streams, dialect, asShell } = run;
  // Line by line as they come: whoever writes commands into a pipe may wait for the answer to each.
  const input = openInput(file, signal);
  const lines = linesOf(input, lineBytesMax);
  const { source } = input;
  const target = openTarget(place, streams, signal);
  const { out, err } = streams;
  try {
    const context = { target, source, out, err, signal, spec, options: dialect };
    await runDialect(name, lines, context, asShell);
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
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
