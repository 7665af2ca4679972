/** `kvx compare`: the same seed, load and faults on several modes, one after another. */
import { join } from 'node:path';
import { type Contender, contendersOf, isContender } from '../../compare/contenders.js';
import { type Faults, nemesesFor } from '../../compare/faults.js';
import { type CompareWords, type LoadPlan, operationsIn, planLoad } from '../../compare/plan.js';
import {
  type Comparison,
  compareAnswer,
  compareDocument,
  compareLines,
  compareSentences,
  compareTable,
} from '../../compare/report.js';
import { type Compared, runContender } from '../../compare/run.js';
import { toDuration } from '../../config/duration.js';
import { KvxError, usageError } from '../../core/errors.js';
import { modeNames } from '../../protocols/catalog.js';
import { exitCodes } from '../../render/failure.js';
import { LiveLine } from '../../render/live-line.js';
import { note, outputWidth, printJson, printLine, styleFor } from '../../render/output.js';
import { nothingTold, type Report } from '../../report/report.js';
import type { Program } from '../../scenario/program.js';
import { drawSeed, openTarget, type RunPlace } from '../../targets/place.js';
import type { TargetRuntime } from '../../targets/target.js';
import type { Perform } from '../command.js';
import type { TypedCommand } from '../perform-typed.js';
import { aboutOf } from '../report/about.js';
import { filesOf } from '../scripts/library.js';
import { type SpecFlags, saidSettings } from '../scripts/script-flags.js';

interface CompareFlags extends CompareWords {
  readonly nodes: string;
  readonly sync?: string;
  readonly delay?: readonly string[];
  readonly runtime: TargetRuntime;
  readonly seed?: number;
  readonly nemesis?: readonly string[];
  readonly 'nemesis-every'?: string;
  readonly report?: string;
  readonly wide: boolean;
  readonly json: boolean;
}

const everyDefault = '1s';

const perform: Perform = async (typed, signal) => {
  const { words, config } = typed;
  const flags = typed.flags as unknown as CompareFlags;
  const { nodes, sync, delay, runtime, seed: said } = flags;
  const shared: SpecFlags = { nodes, sync, delay };
  const contenders = contendersOf(words.filter(isContender), await saidSettings(shared));
  const scenarios = words.filter((word) => !isContender(word));
  const library = join(config.root, 'scenarios');
  const faults = await faultsOf(scenarios, contenders, flags, library, signal);
  const { ReportFile } = await import('../report/report-file.js');
  const reportFile = ReportFile.open(flags.report);
  const seed = said ?? drawSeed();
  const plan = planLoad(flags, seed);
  if (said === undefined) note(`${runtime === 'sim' ? 'Simulated' : 'Run'} with --seed ${seed}.`);
  const compared: Compared[] = [];
  const live = new LiveProgress(contenders.length);
  try {
    for (const contender of contenders) {
      const place: RunPlace = { runtime, seed };
      const target = openTarget(place, { err: note }, signal);
      live.begin(contender, plan);
      try {
        const onBegin = live.watch;
        compared.push(await runContender({ contender, target, plan, faults, signal, onBegin }));
      } finally {
        await target.close();
      }
    }
  } finally {
    live.end();
  }
  const nodeCount = contenders[0]?.spec.nodes.length ?? 0;
  const comparison = { plan, nodeCount, runtime, compared };
  print(comparison, flags);
  await reportFile?.write(comparisonTold(typed, comparison, said === undefined));
};

/** Each of them with its own verdict and history. */
function comparisonTold(typed: TypedCommand, comparison: Comparison, isDrawn: boolean): Report {
  const { plan, nodeCount, runtime, compared } = comparison;
  const again = aboutOf('compare', typed).command;
  return {
    ...nothingTold,
    about: aboutOf('compare', typed, {
      seed: plan.seed,
      replay: isDrawn ? `${again} --seed ${plan.seed}` : null,
      cluster: [
        ['nodes', `${nodeCount}`],
        ['runtime', runtime],
      ],
    }),
    runs: compared.map(({ label, report: check, history }) => ({ title: label, check, history })),
    tables: [compareTable(comparison)],
    notes: compareSentences(comparison),
  };
}

async function faultsOf(
  scenarios: readonly string[],
  contenders: readonly Contender[],
  { nemesis, 'nemesis-every': every }: CompareFlags,
  library: string,
  signal: AbortSignal,
): Promise<Faults> {
  const [scenario, ...others] = scenarios;
  if (every !== undefined && nemesis === undefined) {
    throw usageError('--nemesis-every is of nemeses: say which with --nemesis NAME');
  }
  if (scenario === undefined) {
    if (nemesis === undefined) return { type: 'leader cut off' };
    const everyMs = toDuration(every ?? everyDefault, '--nemesis-every');
    return { type: 'nemesis', names: nemesesFor(nemesis, contenders), everyMs };
  }
  if (others.length > 0) {
    throw usageError(`one scenario at a time, not ${scenarios.join(' and ')}`);
  }
  if (nemesis !== undefined) throw usageError('a scenario or --nemesis: one of them is enough');
  const { loadScript } = await import('../scripts/run-scripts.js');
  const [file] = filesOf([scenario], library, modeNames);
  if (file === undefined) throw usageError('which scenario?');
  const programs = new Map<Contender, Program>();
  for (const contender of contenders) {
    try {
      programs.set(contender, await loadScript(file, contender.spec, { attached: true }, signal));
    } catch (error) {
      throw error instanceof KvxError ? unfit(scenario, contender, error) : error;
    }
  }
  return { type: 'script', programs };
}

/** It may be fit for others: what a mode lacks, or that it starts a cluster of its own, is said of the first that can't run it. */
function unfit(scenario: string, { label }: Contender, error: KvxError): KvxError {
  return new KvxError(`${label} can't run ${scenario}: ${error.message}`, {
    code: error.code,
    definite: true,
    hint: 'All modes run it, on clusters that are up: leave `cluster up` out, and levels that one of them lacks.',
  });
}

/** `paxos, 4 of 4: 1460 of 3000 operations answered`. */
class LiveProgress {
  readonly watch = (tally: { readonly doneCount: number }): void => {
    this.#done = () => tally.doneCount;
  };
  readonly #count: number;
  readonly #line: LiveLine;
  #nth = 0;
  #label = '';
  #wanted = 0;
  #done = () => 0;

  constructor(count: number) {
    this.#count = count;
    this.#line = new LiveLine(() => this.#describe()).start();
  }

  begin({ label }: Contender, plan: LoadPlan): void {
    this.#nth++;
    this.#label = label;
    const inTime = operationsIn({ ...plan, operationsMax: Number.POSITIVE_INFINITY });
    this.#wanted = Math.min(plan.operationsMax, inTime - plan.clientCount);
    this.#done = () => 0;
  }

  end(): void {
    this.#line.end();
  }

  #describe(): string {
    const done = `${this.#done()} of ${this.#wanted} operations answered`;
    return `${this.#label}, ${this.#nth} of ${this.#count}: ${done}`;
  }
}

function print(comparison: Comparison, { json, wide }: CompareFlags): void {
  if (json) printJson(compareDocument(comparison));
  else {
    const width = wide ? Number.POSITIVE_INFINITY : outputWidth();
    printLine(...compareLines(comparison, { width, styleTitle: styleFor(process.stdout).dim }));
  }
  process.exitCode = exitCodes[compareAnswer(comparison.compared)];
}

export default { perform };
