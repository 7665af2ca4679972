/** What `kvx sim` has to tell: its tables, and of the first seed that failed what is smallest and fails alike. */
import { type SimulateOptions, simulate } from '../../explore/simulate.js';
import type { ModeSum } from '../../explore/swarm-sum.js';
import { nothingTold, type Report } from '../../report/report.js';
import { programOf } from '../../shrink/attempt.js';
import type { ShrunkFailure } from '../../shrink/shrink.js';
import { checkLive } from '../load/judged.js';
import type { TypedCommand } from '../perform-typed.js';
import { runProgram } from '../scripts/run-scripts.js';
import { type SimFlags, type SimPlan, seedReplayOf } from '../sim/sim-plan.js';
import { type ShownSeed, simTables, violationLines } from '../sim/sim-report.js';
import { aboutOf } from './about.js';
import { RunTold } from './run-told.js';
import { toldTrace } from './told-trace.js';

export interface SimTold {
  readonly typed: TypedCommand;
  readonly plan: SimPlan;
  readonly sums: readonly ModeSum[];
  /** Those that were made smaller. */
  readonly shown: readonly ShownSeed[];
  readonly flags: SimFlags;
  readonly signal: AbortSignal;
}

/** Wide enough for any sentence: the page wraps them. */
const proseWidth = 10_000;

export async function simTold(sim: SimTold): Promise<Report> {
  const { typed, plan, sums, flags } = sim;
  // What failed, or the only one that there is.
  const sum =
    sums.find(({ failures }) => failures.length > 0) ?? (plan.isOne ? sums[0] : undefined);
  const tables = simTables(sums, true).map(({ title, columns, rows }) => ({
    ...{ title, rows },
    columns: columns.map((column) => column.title.toLowerCase()),
  }));
  if (sum === undefined) {
    const about = aboutOf('sim', typed, { cluster: [['runtime', 'sim']] });
    return { ...nothingTold, about, tables };
  }
  const [failure] = sum.failures;
  const seed = failure?.seed ?? plan.firstSeed;
  const small = sim.shown.find(({ mode }) => mode === sum.mode);
  const told = await toldRun(sim, sum.mode, seed, small?.shrunk ?? null);
  const why =
    failure === undefined
      ? []
      : violationLines(sum.name, failure, proseWidth).map((line) => line.trim());
  return {
    ...told,
    about: aboutOf('sim', typed, {
      seed,
      replay: small?.replay ?? seedReplayOf(sum.mode, seed, flags),
      cluster: [
        ['mode', sum.name],
        ['runtime', 'sim'],
      ],
    }),
    tables,
    notes: [...why, ...told.notes],
  };
}

async function toldRun(
  { plan, flags, typed, signal }: SimTold,
  mode: string,
  seed: number,
  shrunk: ShrunkFailure | null,
): Promise<ToldRun> {
  const program = shrunk === null ? null : programOf(shrunk.scenario);
  if (shrunk === null || program === null) {
    const options = plan.modes.find((each) => each.mode === mode)?.options;
    return options === undefined ? nothingTold : ofSeed({ ...options, seed });
  }
  const told = new RunTold(typed, { runtime: 'sim', seed: shrunk.seed, bug: flags.bug });
  await runProgram(program, {
    ...{ place: told.place, streams: { out: () => {}, err: () => {} }, signal, told },
    ...{ json: false, echo: true, historyPath: null, tracePath: null, diagram: false },
  }).catch((error: unknown) => told.failed(error));
  const { about: _, ...report } = await told.report();
  return report;
}

type ToldRun = Omit<Report, 'about'>;

/** The same run again, watched. */
async function ofSeed(options: SimulateOptions): Promise<ToldRun> {
  const { recorded, trace } = simulate({ ...options, trace: true });
  const history = recorded.count === 0 ? null : recorded;
  const check = history === null ? null : await checkLive(history);
  const traced = toldTrace(trace ?? [], check?.evidence ?? null, 0);
  return { ...nothingTold, check, history, historyBeginMs: 0, ...traced };
}
