import { join } from 'node:path';
import { usageError } from '../../core/errors.js';
import { checkAttached } from '../../coursework/dialect-spec.js';
import { note, outputWidth, printJson, printLine, write } from '../../render/output.js';
import { wrap } from '../../render/wrap.js';
import type { Program } from '../../scenario/program.js';
import { chooseUpCluster } from '../../targets/local.js';
import type { RunPlace } from '../../targets/place.js';
import { drawSeed, greetingOf } from '../../targets/place.js';
import { bugNamed, bugs } from '../../zoo/bugs.js';
import type { Perform } from '../command.js';
import type { TypedCommand } from '../perform-typed.js';
import type { RunTold } from '../report/run-told.js';
import { filesOf, type Scenario, type ScriptFile, scenariosIn } from '../scripts/library.js';
import type { ReporterName } from '../scripts/run-report.js';
import {
  describesCluster,
  dialectOptionsOf,
  dialectSpecOf,
  ownPlaceOf,
  type ScriptFlags,
  type SpecFlags,
  shellPlaceOf,
  specFromFlags,
  toSeeds,
} from '../scripts/script-flags.js';

interface RunFlags extends ScriptFlags {
  readonly seeds?: string;
  readonly bug?: string;
  readonly list: boolean;
  readonly 'list-bugs': boolean;
  readonly quiet: boolean;
  readonly reporter?: ReporterName;
  readonly history?: string;
  readonly trace?: string;
  readonly diagram: boolean;
  readonly report?: string;
  readonly json: boolean;
  readonly 'as-shell': boolean;
}

const perform: Perform = async (typed, signal) => {
  const flags = typed.flags as unknown as RunFlags;
  const { cluster: _, runtime: __, trace: ___, ...said }: SpecFlags = typed.flags;
  const library = join(typed.config.root, 'scenarios');
  if (flags.list) return listScenarios(scenariosIn(library), flags.json);
  if (flags['list-bugs']) return listBugs(flags.json);
  const files = filesOf(typed.words, library);
  if (said.config === '-' && files.some(({ file }) => file === '-')) {
    throw usageError('standard input is the script or the configuration, not both');
  }
  const isShell = flags['as-shell'];
  const places = isShell ? [shellPlaceOf(flags)] : placesOf(flags, describesCluster(said));
  // A shell starts a cluster when it is told to, or told where.
  const isBare = isShell && flags.runtime === undefined && flags.seed === undefined;
  if (isBare && flags.dialect === 'kvx') note(greetingOf(places[0] as RunPlace));
  const run = { flags, said, typed, files, places, isShell, isBare, signal };
  await (flags.dialect === 'kvx' ? runInKvx(run) : runInDialect(flags.dialect, run));
};

interface Run {
  readonly flags: RunFlags;
  /** What they say of the cluster. */
  readonly said: SpecFlags;
  readonly typed: TypedCommand;
  readonly files: readonly ScriptFile[];
  /** One at least. */
  readonly places: readonly RunPlace[];
  readonly isShell: boolean;
  readonly isBare: boolean;
  readonly signal: AbortSignal;
}

const streams = { out: write, err: note };

async function runInDialect(name: Exclude<ScriptFlags['dialect'], 'kvx'>, run: Run): Promise<void> {
  const { flags, said, typed, files, isShell: asShell, signal } = run;
  const { flagsTyped } = typed;
  const [place] = run.places as readonly [RunPlace];
  const dialect = dialectOptionsOf(flags, flagsTyped);
  // What has no effect on a dialect, whose output is compared as it is.
  const unfit = ['json', 'quiet', 'history', 'trace', 'reporter', 'seeds', 'diagram', 'report'];
  const wrong = unfit.find((flag) => flagsTyped.has(flag));
  if (wrong !== undefined) throw usageError(`--${wrong} is not for dialect ${name}`);
  if ('cluster' in place) checkAttached(name, place.cluster.record);
  const spec = await dialectSpecOf(name, said, flagsTyped, flags.gossip);
  const { runDialectFile } = await import('../scripts/run-scripts.js');
  const options = { place, streams, signal, spec, dialect, asShell };
  for (const { file } of files) await runDialectFile(name, file, options);
}

async function runInKvx({ flags, said, typed, ...run }: Run): Promise<void> {
  const { files, places, isShell, isBare, signal } = run;
  dialectOptionsOf(flags, typed.flagsTyped);
  const [place] = places as readonly [RunPlace];
  const attached = 'cluster' in place;
  const spec = attached ? place.cluster.record : await specFromFlags(said, true);
  const { history: historyPath = null, trace: tracePath = null, reporter = null } = flags;
  const { json, diagram } = flags;
  const { ReportFile } = await import('../report/report-file.js');
  const reportFile = ReportFile.open(flags.report);
  const { loadScript } = await import('../scripts/run-scripts.js');
  const { runScripts } = await import('../scripts/run-scripts.js');
  const programs: Program[] = [];
  for (const file of files) {
    const program = await loadScript(file, spec, { attached, asShell: isShell }, signal);
    programs.push(isBare ? { ...program, spec: null } : program);
  }
  checkSeveral(programs.length * places.length, flags);
  const echo = !flags.quiet && !isShell;
  const told = reportFile === null ? null : await toldOf(typed, place);
  const options = {
    ...{ places: told === null ? places : [told.place], json, echo, historyPath, tracePath },
    ...{ diagram, streams, signal, reporter, told },
  };
  try {
    const code = await runScripts(programs, options);
    if (code !== 0) process.exitCode = code;
  } catch (error) {
    told?.failed(error);
    throw error;
  } finally {
    if (told?.isOver && !signal.aborted) await reportFile?.write(await told.report());
  }
}

/** A report says under which seed it was. */
async function toldOf(typed: TypedCommand, place: RunPlace): Promise<RunTold> {
  const { RunTold } = await import('../report/run-told.js');
  const isDrawn = 'seed' in place && place.runtime === 'sim' && place.seed === null;
  if (!isDrawn) return new RunTold(typed, place);
  const seed = drawSeed();
  note(`Simulated with --seed ${seed}.`);
  return new RunTold(typed, { ...place, seed });
}

function listScenarios(scenarios: readonly Scenario[], json: boolean): void {
  if (json) printJson({ scenarios });
  else printTable(scenarios.map(({ name, title }) => [name, title]));
}

function listBugs(json: boolean): void {
  if (json) return printJson({ bugs });
  printTable(bugs.map(({ name, mistake }) => [name, mistake]));
  note('A script shows each: `kvx run zoo/NAME --runtime sim --seed 1 --bug NAME --diagram`.');
}

function printTable(rows: readonly (readonly [name: string, words: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  const indent = `\n${' '.repeat(width + 2)}`;
  for (const [name, words] of rows) {
    const lines = wrap(words, outputWidth() - width - 2);
    printLine(`${name.padEnd(width)}  ${lines.join(indent)}`);
  }
}

function placesOf(
  { cluster, runtime, seed, seeds, bug, trace, diagram }: RunFlags,
  describes: boolean,
): RunPlace[] {
  if (cluster !== undefined) {
    if (describes || [runtime, seed, seeds, bug].some((flag) => flag !== undefined)) {
      throw usageError('--cluster means one that is up: nothing else can be said of it');
    }
    if (trace !== undefined || diagram) {
      throw usageError(
        "--trace and --diagram are for a cluster of the script's own: see `kvx trace`",
      );
    }
    return [{ cluster: chooseUpCluster(cluster) }];
  }
  if (bug !== undefined) {
    if (runtime !== 'sim' && seeds === undefined) throw usageError('--bug needs --runtime sim');
    bugNamed(bug);
  }
  if (seeds === undefined) return [{ ...ownPlaceOf({ runtime, seed }), bug }];
  if (seed !== undefined) throw usageError('--seed and --seeds: one of them is enough');
  if ((runtime ?? 'sim') !== 'sim') throw usageError('--seeds needs --runtime sim');
  return toSeeds(seeds).map((each) => ({ runtime: 'sim', seed: each, bug }));
}

function checkSeveral(count: number, flags: RunFlags): void {
  const { json, history, trace, reporter, diagram, report } = flags;
  if (json && reporter !== undefined) {
    throw usageError('--json and --reporter are two forms of one thing: say one of them');
  }
  if (json && diagram) throw usageError('--diagram is for people: --trace FILE has it all as JSON');
  const drawn = diagram ? 'yes' : undefined;
  for (const [flag, path] of Object.entries({ history, trace, diagram: drawn, report })) {
    if (count > 1 && path !== undefined) {
      throw usageError(`--${flag} is of one run, and these are ${count}`);
    }
  }
}

export default { perform };
