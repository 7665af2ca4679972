import { formatDuration } from '../../config/duration.js';
import { quantity } from '../../core/show.js';
import { runSeed } from '../../explore/seed-run.js';
import { ModeSum } from '../../explore/swarm-sum.js';
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
import { runSeeds } from '../sim/seed-pool.js';
import { seedDocument, seedLines } from '../sim/seed-report.js';
import { jobsOf, planSim, type SimFlags, type SimPlan, seedReplayOf } from '../sim/sim-plan.js';
import { type SimReport, simDocument, simLines } from '../sim/sim-report.js';
import { runZoo } from '../sim/zoo.js';

const perform: Perform = async ({ flags: typed }, signal) => {
  const flags = typed as unknown as SimFlags;
  if (flags.zoo) {
    process.exitCode = exitCodes[await runZoo(flags, signal)];
    return;
  }
  const plan = await planSim(flags);
  const sums = plan.isOne ? runOne(plan, flags) : await runMany(plan, flags, signal);
  process.exitCode = exitCodes[answerOf(sums)];
};

function answerOf(sums: readonly ModeSum[]): AnswerKind {
  if (sums.some(({ failedCount }) => failedCount > 0)) return 'no';
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
    return sum;
  });
}

async function runMany(plan: SimPlan, flags: SimFlags, signal: AbortSignal): Promise<ModeSum[]> {
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
  // Who interrupts it gets what is known by then.
  const elapsedMs = performance.now() - startedAt;
  const report: SimReport = { sums, threads, elapsedMs, interrupted: signal.aborted };
  if (flags.json) printJson(simDocument(report, flags));
  else {
    const styleTitle = styleFor(process.stdout).dim;
    printLine(...simLines(report, flags, { width: outputWidth(), styleTitle }));
    await saveFirst(plan, sums, flags, signal);
  }
  return sums;
}

/** Of a scenario that is shown; a longer one is in its file. */
const linesShownMax = 20;

/** Of each mode the first seed that failed, in a folder, where one was named. */
async function saveFirst(
  plan: SimPlan,
  sums: readonly ModeSum[],
  flags: SimFlags,
  signal: AbortSignal,
): Promise<void> {
  const { out: folder } = flags;
  if (folder === undefined || sums.every(({ failedCount }) => failedCount === 0)) return;
  const { saveFailure } = await import('../sim/failures.js');
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
    const saved = await saveFailure({ ...options, seed }, replay, how).finally(() => live.end());
    const { shrunk, files } = saved;
    const what =
      shrunk === null ? 'no scenario found that fails alike' : quantity(shrunk.lines, 'line');
    printLine('', `${mode}, seed ${seed}: ${what}`, ...files.map((file) => `  ${file}`));
    if (shrunk !== null && shrunk.lines <= linesShownMax) printLine('', shrunk.scenario.trimEnd());
    printLine('', saved.replay);
  }
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
