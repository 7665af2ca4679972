import { formatDuration } from '../../config/duration.js';
import { runSeed } from '../../explore/seed-run.js';
import { simulate } from '../../explore/simulate.js';
import { ModeSum } from '../../explore/swarm-sum.js';
import { profileOf } from '../../protocols/catalog.js';
import { isAdded } from '../../protocols/own/own-mode.js';
import { type AnswerKind, exitCodes } from '../../render/failure.js';
import { LiveLine } from '../../render/live-line.js';
import {
  note,
  outputWidth,
  printJson,
  printJsonLine,
  printLine,
  styleFor,
} from '../../render/output.js';
import type { Perform } from '../command.js';
import { ReportFile } from '../report/report-file.js';
import { runSeeds } from '../sim/seed-pool.js';
import { seedDocument, seedLines } from '../sim/seed-report.js';
import { jobsOf, planSim, type SimFlags, type SimPlan, seedReplayOf } from '../sim/sim-plan.js';
import {
  driftLines,
  type ShownSeed,
  type SimReport,
  shownLines,
  simDocument,
  simLines,
} from '../sim/sim-report.js';
import { runZoo } from '../sim/zoo.js';

const perform: Perform = async (typed, signal) => {
  const flags = typed.flags as unknown as SimFlags;
  if (flags.zoo) {
    process.exitCode = exitCodes[await runZoo(flags, signal)];
    return;
  }
  const plan = await planSim(flags);
  const reportFile = ReportFile.open(flags.report);
  const { sums, shown } = plan.isOne
    ? { sums: runOne(plan, flags), shown: [] }
    : await runMany(plan, flags, signal);
  process.exitCode = exitCodes[answerOf(sums)];
  if (reportFile === null) return;
  const { simTold } = await import('../report/sim-told.js');
  await reportFile.write(await simTold({ typed, plan, sums, shown, flags, signal }));
};

function answerOf(sums: readonly ModeSum[]): AnswerKind {
  if (sums.some((sum) => sum.failedCount > 0 || sum.driftingSeed !== null)) return 'no';
  return sums.some(({ unknownCount }) => unknownCount > 0) ? 'unknown' : 'yes';
}

/** One seed of each mode, and all that was drawn from it. */
function runOne({ modes, firstSeed: seed }: SimPlan, flags: SimFlags): ModeSum[] {
  return modes.map(({ mode, options }) => {
    const ran = runSeed({ ...options, seed });
    if (flags.json) printJsonLine(seedDocument(mode, ran, flags));
    else printLine(...seedLines(mode, ran, flags, outputWidth()));
    const sum = new ModeSum(mode);
    sum.add(ran.outcome);
    runAgain(sum, options);
    if (!flags.json) printLine(...driftLines(sum, outputWidth()));
    return sum;
  });
}

/** Our own modes are known to draw on nothing but what they are given. Here nothing is left of what threads may have kept. */
function runAgain(sum: ModeSum, options: SimPlan['modes'][number]['options'] | undefined): void {
  const again = sum.failures[0] ?? sum.first;
  if (again === null || options === undefined || !isAdded(profileOf(sum.mode))) return;
  const { traceHash } = simulate({ ...options, seed: again.seed });
  if (traceHash !== again.traceHash) sum.driftingSeed = again.seed;
}

async function runMany(plan: SimPlan, flags: SimFlags, signal: AbortSignal) {
  const sums = plan.modes.map(({ mode }) => new ModeSum(mode));
  const { seeds, firstSeed, threads } = plan;
  if (seeds === null) note(`seeds from ${firstSeed} on`);
  const startedAt = performance.now();
  const wanted = seeds === null ? '' : ` of ${seeds.length * sums.length}`;
  const live = new LiveLine(() =>
    progressLine(sums, wanted, performance.now() - startedAt),
  ).start();
  try {
    await runSeeds(jobsOf(plan), { threads, signal }, (outcome, { mode }) =>
      sums.find((sum) => sum.mode === mode)?.add(outcome),
    );
  } finally {
    live.end();
  }
  for (const [at, sum] of sums.entries()) runAgain(sum, plan.modes[at]?.options);
  // Who interrupts it gets what is known by then.
  const elapsedMs = performance.now() - startedAt;
  const report: SimReport = { sums, threads, elapsedMs, interrupted: signal.aborted };
  if (flags.json) {
    const shown = await showFirst(plan, sums, flags, signal);
    printJson(simDocument(report, flags, shown));
    return { sums, shown };
  }
  const styleTitle = styleFor(process.stdout).dim;
  printLine(...simLines(report, flags, { width: outputWidth(), styleTitle }));
  const shown = await showFirst(plan, sums, flags, signal);
  for (const failure of shown) printLine(...shownLines(failure));
  return { sums, shown };
}

/**
 * Of each mode the first seed that failed, made smaller: where a folder was named for it, or that is asked for, or somebody looks
 * on who can interrupt it.
 */
async function showFirst(
  plan: SimPlan,
  sums: readonly ModeSum[],
  flags: SimFlags,
  signal: AbortSignal,
): Promise<readonly ShownSeed[]> {
  const { out: folder, json, shrink, report } = flags;
  const isTold = folder !== undefined || report !== undefined;
  const isWanted = isTold || shrink || (process.stdout.isTTY && !json);
  if (!isWanted || flags['no-shrink'] || sums.every(({ failedCount }) => failedCount === 0)) {
    return [];
  }
  const { showFailure } = await import('../sim/failures.js');
  const shown: ShownSeed[] = [];
  for (const { mode, failures } of sums) {
    const options = plan.modes.find((each) => each.mode === mode)?.options;
    const seed = failures[0]?.seed;
    if (options === undefined || seed === undefined || signal.aborted) continue;
    let doing = '';
    const live = new LiveLine(() => doing).start();
    const says = (what: string): void => {
      doing = what;
      live.say();
    };
    const how = { folder, signal, says };
    const replay = seedReplayOf(mode, seed, flags);
    const failure = await showFailure({ ...options, seed }, replay, how).finally(() => live.end());
    shown.push({ ...failure, mode, seed });
  }
  return shown;
}

function progressLine(sums: readonly ModeSum[], wanted: string, elapsedMs: number): string {
  const sum = (of: (each: ModeSum) => number) => sums.reduce((total, each) => total + of(each), 0);
  const perSecond = (count: number) => Math.round((1000 * count) / elapsedMs);
  const seeds = sum((each) => each.seeds);
  const events = Math.round(perSecond(sum((each) => each.events)) / 1000);
  const since = Math.min(...sums.map((each) => each.seedsSinceNews));
  const news = since > 0 ? `flat for ${since}` : 'growing';
  return [
    formatDuration(elapsedMs),
    `${seeds}${wanted} runs, ${perSecond(seeds)}/s`,
    `${events}k events/s`,
    `${sum((each) => each.faultCount)} faults`,
    `${sum((each) => each.stateCount)} states, ${news}`,
    `${sum((each) => each.failedCount)} failed`,
  ].join('  ');
}

export default { perform };
