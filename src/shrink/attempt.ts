/** One scenario in the simulator, under one seed: whether it fails, and how. */

import { ConfigError } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { KvxError } from '../core/errors.js';
import type { HistoryEntry } from '../explore/history.js';
import { KeptHistory } from '../explore/kept-history.js';
import { Recorder } from '../history/recorder/recorder.js';
import type { TraceSink } from '../runtime/tracing/tracer.js';
import { parseScript } from '../scenario/parser.js';
import type { Program } from '../scenario/program.js';
import { Runner } from '../scenario/runner.js';
import { type ScriptDisplay, ScriptOutput, type Streams } from '../scenario/script-output.js';
import type { AfterPromises } from '../sim/virtual-time.js';
import { SimTarget } from '../targets/sim.js';

export interface Attempt {
  readonly seed: number;
  readonly bug: string | undefined;
  readonly afterPromises: AfterPromises;
  readonly sink?: TraceSink;
}

export interface Failed {
  /** What the expectation saw that does not hold, or what a node did that none may do. */
  readonly sentence: string;
  /** Of that expectation; `null`: it was no expectation. */
  readonly line: number | null;
}

const seen = '  seen: ';

const silent: ScriptDisplay = {
  width: () => 80,
  layOut: () => ({ out: [], notes: [] }),
  watching: (_, work) => work(() => {}),
};

/** `null`: it is no scenario. */
export function programOf(text: string): Program | null {
  try {
    return parseScript(text, { source: 'scenario', spec: resolveSpec([]), attached: false });
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

/** `failed` is `null`: nothing was wrong. */
export interface Attempted {
  readonly failed: Failed | null;
  /** What each operation was answered. */
  readonly answers: readonly string[];
  readonly traceHash: string;
}

/** `null`: nothing was wrong. */
export async function attempt(program: Program, how: Attempt): Promise<Failed | null> {
  return (await attemptFully(program, how)).failed;
}

export async function attemptFully(program: Program, how: Attempt): Promise<Attempted> {
  const { seed, bug, afterPromises, sink } = how;
  const target = new SimTarget({
    ...{ seed, afterPromises },
    ...(bug === undefined ? {} : { bug }),
    ...(sink === undefined ? {} : { sink }),
  });
  const said: string[] = [];
  const streams: Streams = { out: () => {}, err: (line) => said.push(line) };
  const kept = new KeptHistory();
  const recorder = new Recorder({ sink: kept, now: () => target.timing.now() });
  const output = new ScriptOutput(streams, silent, { json: false, echo: false });
  const runner = new Runner(target, output, new AbortController().signal, { recorder, kept });
  let failed: Failed | null = null;
  try {
    if ((await runner.run(program)).failed) failed = failedIn(said);
  } catch (error) {
    // An error that users may meet is no bug of nodes.
    if (error instanceof Error && !(error instanceof KvxError)) {
      failed = { sentence: `crash-only: ${firstLine(error.message)}`, line: null };
    }
  } finally {
    runner.close();
    await target.close().catch(() => {});
  }
  return { failed, answers: kept.entries.map(answerOf), traceHash: target.traceHash };
}

function failedIn(said: readonly string[]): Failed | null {
  const sentence = said.find((line) => line.startsWith(seen))?.slice(seen.length);
  const place = said.map((line) => /^failed: scenario:(\d+)/.exec(line)).find((each) => each);
  return sentence === undefined ? null : { sentence, line: Number(place?.[1]) };
}

function answerOf({ operation, result }: HistoryEntry): string {
  const words: unknown[] = [operation.type, result?.type];
  if (result?.type === 'error') words.push(result.code);
  if (result?.type === 'value') words.push(result.value);
  return words.join(' ');
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
