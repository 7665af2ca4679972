/** Scripts in the simulator, within the test's own process. */

import { flagSetting } from '../../config/problem.js';
import { resolveSpec } from '../../config/resolve.js';
import { KeptHistory } from '../../explore/kept-history.js';
import { Recorder } from '../../history/recorder/recorder.js';
import { layOut } from '../../render/lay-out.js';
import type { TraceSink } from '../../runtime/tracing/tracer.js';
import { SimTarget } from '../../targets/sim.js';
import type { Target } from '../../targets/target.js';
import { parseScript } from '../parser.js';
import { Runner, type RunReport } from '../runner.js';
import { type ScriptDisplay, ScriptOutput } from '../script-output.js';

export interface Said {
  readonly report: RunReport | null;
  /** Instead of a report. */
  readonly error: unknown;
  readonly out: string;
  readonly err: readonly string[];
  readonly traceHash: string;
}

export interface How {
  readonly seed?: number;
  /** A mistake that nodes make: a name of `zoo/bugs.ts`. */
  readonly bug?: string | undefined;
  readonly json?: boolean;
  readonly echo?: boolean;
  readonly source?: string;
  readonly mode?: string;
  readonly nodes?: number;
  readonly sink?: TraceSink;
  /** Has the target that the script works on in hand. */
  readonly onTarget?: (target: Target, controller: AbortController) => void;
}

export function specFor(mode = 'quorum', nodes = 3) {
  return resolveSpec([flagSetting('mode', mode, '--mode'), flagSetting('nodes', nodes, '-n')]);
}

export const display: ScriptDisplay = {
  width: () => 80,
  layOut,
  watching: (_, work) => work(() => {}),
};

/** Throws `ConfigError` when it can't be parsed; whatever goes wrong later is in what is returned. */
export async function runScript(text: string, how: How = {}): Promise<Said> {
  const { seed = 1, json = false, echo = false, source = 'test.kvx', mode, nodes } = how;
  const program = parseScript(text, { source, spec: specFor(mode, nodes), attached: false });
  const target = new SimTarget({
    ...{ afterPromises: setImmediate, seed, bug: how.bug },
    ...(how.sink === undefined ? {} : { sink: how.sink }),
  });
  const controller = new AbortController();
  const kept = program.judgesHistory ? new KeptHistory() : null;
  const out: Uint8Array[] = [];
  const err: string[] = [];
  const streams = {
    out: (data: string | Uint8Array) => out.push(Buffer.from(data as string)),
    err: (line: string) => err.push(line),
  };
  const runner = new Runner(
    target,
    new ScriptOutput(streams, display, { json, echo }),
    controller.signal,
    { kept, recorder: kept && new Recorder({ sink: kept, now: () => target.timing.now() }) },
  );
  how.onTarget?.(target, controller);
  let report: RunReport | null = null;
  let error: unknown = null;
  try {
    report = await runner.run(program);
  } catch (caught) {
    error = caught;
  }
  runner.close();
  const { traceHash } = target;
  await target.close();
  return { report, error, out: Buffer.concat(out).toString(), err, traceHash };
}
