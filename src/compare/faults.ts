/** What is broken while clients ask: the same in each mode, as far as that can be. */
import { interrupted, KvxError, usageError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import {
  checkNemesis,
  everything,
  type NemesisName,
  nemeses,
  nemesisNames,
} from '../faults/nemeses.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { leaderOf } from '../operations/leader.js';
import { doWords, runNemesis } from '../operations/nemesis-run.js';
import { disturbances } from '../operations/table.js';
import { undoFaults } from '../operations/undo-faults.js';
import { modeHas, profileOf } from '../protocols/catalog.js';
import { featureProblem } from '../protocols/refusals.js';
import type { Program } from '../scenario/program.js';
import { Runner } from '../scenario/runner.js';
import { type ScriptDisplay, ScriptOutput } from '../scenario/script-output.js';
import type { Target } from '../targets/target.js';
import type { Contender } from './contenders.js';

export type Faults =
  /** Whoever leads or coordinates is cut off in the middle third of the time; where nobody does, the first node. */
  | { readonly type: 'leader cut off' }
  /** In the middle third. */
  | { readonly type: 'nemesis'; readonly names: readonly NemesisName[]; readonly everyMs: Millis }
  /** A scenario, from the start of the load on; parsed for each. */
  | { readonly type: 'script'; readonly programs: ReadonlyMap<Contender, Program> };

/** Those of these names that all can have; `everything` stands for all such. Throws `bad-request` for one that some mode lacks. */
export function nemesesFor(
  words: readonly string[],
  contenders: readonly Contender[],
): NemesisName[] {
  for (const word of words) checkNemesis(word);
  const modes = contenders.map(({ spec }) => spec.mode);
  const all = words.includes(everything);
  return nemesisNames.filter((name) => {
    const { feature } = nemeses[name];
    const lacking = modes.find((mode) => feature !== undefined && !modeHas(mode, feature));
    if (all) return lacking === undefined;
    if (!words.includes(name)) return false;
    if (lacking === undefined || feature === undefined) return true;
    throw usageError(
      `nemesis ${name}: ${featureProblem(profileOf(lacking), feature)}`,
      'All modes that are compared get the same faults.',
    );
  });
}

export interface Breaking {
  readonly contender: Contender;
  readonly target: Target;
  readonly durationMs: Millis;
  readonly seed: number;
  readonly recorder: Recorder;
  /** The load is over. */
  readonly signal: AbortSignal;
}

/** Breaks and mends, until that is done or the signal aborts. Returns what went wrong with a script; `null`: nothing. */
export async function breakDuring(faults: Faults, breaking: Breaking): Promise<string | null> {
  const { contender, target, durationMs, seed, signal } = breaking;
  const thirdMs = durationMs / 3;
  if (faults.type === 'script') {
    const program = faults.programs.get(contender);
    return program === undefined ? null : runBeside(program, breaking);
  }
  await target.timing.sleep(thirdMs, signal);
  if (signal.aborted) return null;
  if (faults.type === 'nemesis') {
    const { names, everyMs } = faults;
    const setup = { target, operations: disturbances, names, everyMs, forMs: thirdMs, seed };
    await runNemesis({ ...setup, signal, tell: () => {} });
    return null;
  }
  const leader = await leaderOf(target.endpoints());
  const node = leader?.node ?? target.spec?.nodes[0];
  await doWords(`fault isolate ${node}`, { target, operations: disturbances, by: 'compare' });
  await target.timing.sleep(thirdMs, signal);
  await mend(target, new AbortController().signal);
  return null;
}

const display: ScriptDisplay = {
  width: () => 80,
  layOut: () => ({ out: [], notes: [] }),
  watching: (_, work) => work(() => {}),
};

async function runBeside(
  program: Program,
  { target, recorder, signal }: Breaking,
): Promise<string | null> {
  const said: string[] = [];
  const streams = { out: () => {}, err: (line: string) => said.push(line) };
  const output = new ScriptOutput(streams, display, { json: false, echo: false });
  const runner = new Runner(target, output, signal, { recorder });
  try {
    const { failed } = await runner.run(program);
    return failed ? (said[0] ?? 'an expectation did not hold') : null;
  } catch (error) {
    if (signal.aborted) return 'it was not over when the load was';
    if (!(error instanceof KvxError) || error.code === 'bug') throw error;
    return error.message;
  } finally {
    runner.close();
  }
}

const againMs: Millis = 500;
const mendMsMax: Millis = 15_000;

/** All faults, and nodes that were stopped. Throws what could not be undone for long. */
export async function mend(target: Target, signal: AbortSignal): Promise<void> {
  const { control, timing } = target;
  const deadline = timing.now() + mendMsMax;
  for (;;) {
    try {
      await undoFaults(target, () => true, signal);
      for (const { node, state } of await control.states()) {
        if (state === 'paused') await control.resume(node);
        else if (state !== 'running') await control.start(node);
      }
      return;
    } catch (error) {
      if (signal.aborted) throw interrupted();
      if (!(error instanceof KvxError) || error.code === 'bug') throw error;
      if (timing.now() > deadline) throw error;
      await timing.sleep(againMs, signal);
    }
  }
}
