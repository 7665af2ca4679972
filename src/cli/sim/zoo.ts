/** `kvx sim --zoo`: each mistake of the bug zoo is planted in turn, until a seed fails. */
import { formatDuration } from '../../config/duration.js';
import { usageError } from '../../core/errors.js';
import type { Violation } from '../../explore/invariants.js';
import { type SimulateOptions, simulate } from '../../explore/simulate.js';
import type { AnswerKind } from '../../render/failure.js';
import { LiveLine } from '../../render/live-line.js';
import { outputWidth, printJson, printLine, styleFor } from '../../render/output.js';
import { right } from '../../render/page.js';
import { tableLines } from '../../render/table.js';
import { type Bug, bugs } from '../../zoo/bugs.js';
import { shrinkReport } from './failures.js';
import { runSeeds } from './seed-pool.js';
import { type ModePlan, planSim, type SimFlags, seedReplayOf } from './sim-plan.js';

const zooSeeds = '1..2000';

interface CaughtBug {
  readonly bug: string;
  readonly mode: string;
  /** Until one failed, that one included; `null`: none did. */
  readonly seedsNeeded: number | null;
  readonly seedsTried: number;
  readonly caughtBy: string | null;
  readonly sentence: string | null;
  readonly replay: string | null;
  /** Of the scenario that fails alike; `null`: none was found, or looked for. */
  readonly lines: number | null;
  readonly scenario: string | null;
}

export async function runZoo(flags: SimFlags, signal: AbortSignal): Promise<AnswerKind> {
  for (const flag of ['seed', 'for', 'bug', 'coverage', 'report'] as const) {
    if (flags[flag]) throw usageError(`--zoo and --${flag}: one of them is enough`);
  }
  const caught: CaughtBug[] = [];
  const chosen = bugs.filter(({ mode }) => flags.mode?.includes(mode) ?? true);
  const startedAt = performance.now();
  let now = { name: '', seeds: 0, shrinking: '' };
  const live = new LiveLine(() => {
    const took = formatDuration(performance.now() - startedAt);
    return `${took}  ${caught.length} of ${chosen.length} bugs  ${now.shrinking || `${now.name}: ${now.seeds} seeds`}`;
  }).start();
  const call = {
    signal,
    tried: () => now.seeds++,
    says(doing: string) {
      now.shrinking = doing;
      live.say();
    },
  };
  try {
    for (const bug of chosen) {
      if (signal.aborted) break;
      now = { name: bug.name, seeds: 0, shrinking: '' };
      caught.push(await hunt(bug, flags, call));
    }
  } finally {
    live.end();
  }
  if (flags.json) printJson({ bugs: caught, interrupted: signal.aborted });
  else printLine(...zooLines(caught));
  return caught.every(({ seedsNeeded }) => seedsNeeded !== null) ? 'yes' : 'no';
}

interface HuntCall {
  readonly signal: AbortSignal;
  tried(): void;
  says(doing: string): void;
}

async function hunt({ name, mode }: Bug, flags: SimFlags, call: HuntCall): Promise<CaughtBug> {
  const { signal } = call;
  const { mode: _, ...others } = flags;
  const own = { ...others, bug: name, seeds: flags.seeds ?? zooSeeds };
  const { modes, seeds, threads } = await planSim(own);
  const [plan] = modes as [ModePlan];
  let found: { readonly seed: number; readonly violation: Violation } | null = null;
  let count = 0;
  function* jobs(): Generator<SimulateOptions> {
    for (const seed of seeds ?? []) {
      if (found !== null) return;
      yield { ...plan.options, seed };
    }
  }
  await runSeeds(jobs(), { threads, signal }, ({ seed, violations: [first] }) => {
    if (found !== null) return;
    call.tried();
    count++;
    if (first !== undefined) found = { seed, violation: first };
  });
  const told = { bug: name, mode, seedsTried: count };
  const nothing = { seedsNeeded: null, caughtBy: null, sentence: null, replay: null };
  // What a callback assigns, the compiler does not see.
  const caught = found as { readonly seed: number; readonly violation: Violation } | null;
  if (caught === null) return { ...told, ...nothing, lines: null, scenario: null };
  const { seed, violation } = caught;
  const options = { ...plan.options, seed };
  const shrunk = flags['no-shrink'] ? null : await shrinkReport(options, simulate(options), call);
  return {
    ...{ ...told, seedsNeeded: count, caughtBy: violation.check, sentence: violation.message },
    ...{ replay: seedReplayOf(plan.mode, seed, own) },
    ...{ lines: shrunk?.lines ?? null, scenario: shrunk?.scenario ?? null },
  };
}

function zooLines(caught: readonly CaughtBug[]): string[] {
  const columns = [{ title: 'BUG' }, right('SEEDS'), right('LINES'), { title: 'CAUGHT BY' }];
  const rows = caught.map(({ bug, seedsNeeded, seedsTried, lines, caughtBy }) => [
    ...[bug, seedsNeeded === null ? `>${seedsTried}` : String(seedsNeeded)],
    ...[String(lines ?? '-'), caughtBy ?? '-'],
  ]);
  const styleTitle = styleFor(process.stdout).dim;
  const table = tableLines(columns, rows, { width: outputWidth(), styleTitle });
  const missed = caught.filter(({ seedsNeeded }) => seedsNeeded === null).length;
  const sum = `${caught.length - missed} of ${caught.length} bugs caught`;
  return [...table, '', sum];
}
