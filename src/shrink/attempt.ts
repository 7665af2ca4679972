/** One scenario in the simulator, under one seed: whether it fails, and how. */

import { ConfigError } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { KvxError } from '../core/errors.js';
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

/** `null`: nothing was wrong. */
export type Failed = string | null;

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

/** What the last expectation saw that does not hold, or what a node did that none may do. */
export async function attempt(program: Program, how: Attempt): Promise<Failed> {
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
  try {
    const { failed } = await runner.run(program);
    if (!failed) return null;
    return said.find((line) => line.startsWith('  seen: '))?.slice('  seen: '.length) ?? null;
  } catch (error) {
    // An error that users may meet is no bug of nodes.
    if (error instanceof KvxError) return null;
    return error instanceof Error ? `crash-only: ${firstLine(error.message)}` : null;
  } finally {
    runner.close();
    await target.close().catch(() => {});
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
