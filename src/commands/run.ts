import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { KvxCommand, optionalArg } from '../cli/command.js';
import { oclifFlags } from '../cli/oclif-flags.js';
import { filesOf, type Scenario, scenariosIn } from '../cli/scripts/library.js';
import { type ReporterName, reporterNames } from '../cli/scripts/run-report.js';
import {
  dialectFlags,
  dialectOptionsOf,
  dialectSpecOf,
  ownPlaceOf,
  runtimeFlag,
  seedFlag,
  shellPlaceOf,
  toSeeds,
  typedFlags,
} from '../cli/scripts/script-flags.js';
import { describesCluster, type SpecFlags, specFromFlags } from '../cli/spec-flags.js';
import { usageError } from '../core/errors.js';
import { checkAttached } from '../coursework/dialect-spec.js';
import type { DialectName } from '../coursework/words.js';
import { specFlags } from '../operations/spec-flags.js';
import { note, printJson, printLine, write } from '../render/output.js';
import type { Program } from '../scenario/program.js';
import { greetingOf } from '../shell/greeting.js';
import { chooseUpCluster } from '../targets/local.js';
import type { RunPlace } from '../targets/place.js';

/** Where a script's cluster runs is said otherwise, and its name is its own. */
const clusterFlags: object = oclifFlags(
  specFlags.filter(({ commandLineOnly }) => !commandLineOnly),
);

export default class Run extends KvxCommand {
  static override summary = 'Run scenario scripts on clusters of their own, real or simulated.';
  static override description = [
    'One command a line, in the words of the command line; `expect`, `repeat`, `client` and `at once` on top (docs/scenarios.md). All of it is checked before anything starts. A failed expectation ends the script with exit code 1; the cluster that was started is taken down in every case.',
    'What the flags say of the cluster holds when a script has no `cluster up`. Of several runs, the exit code is that of the first that is not right.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> run stale-read',
    '<%= config.bin %> run stale-read lost-update --seeds 1..100 --reporter dot',
    `printf 'put a 1\\nexpect get a == 1\\n' | <%= config.bin %> run -q`,
  ];
  static override args = {
    file: optionalArg(
      'scripts, folders of them, or scenarios by name; - or absent: standard input',
    ),
  };
  static override strict = false;
  static override flags = {
    ...clusterFlags,
    cluster: Flags.string({
      char: 'C',
      description: 'run on this one, which is up and stays up; else on one of its own',
      helpValue: 'NAME',
      env: 'KVX_CLUSTER',
    }),
    runtime: runtimeFlag('threads (default), processes, or sim: on virtual time'),
    seed: seedFlag,
    seeds: Flags.string({
      description: 'sim: each script once under each of these; prints what went wrong, and the sum',
      helpValue: '1..100',
      env: 'KVX_SEEDS',
    }),
    ...dialectFlags,
    list: Flags.boolean({ description: 'the scenarios that come with kvx', env: 'KVX_LIST' }),
    quiet: Flags.boolean({
      char: 'q',
      description: 'answers only, not the commands before them',
      env: 'KVX_QUIET',
    }),
    reporter: Flags.string({
      description: 'of many runs: list (default), dot, tap, junit',
      helpValue: 'NAME',
      options: [...reporterNames],
      env: 'KVX_REPORTER',
    }),
    'as-shell': Flags.boolean({
      description: 'what `kvx shell` does without a terminal',
      hidden: true,
    }),
    history: Flags.string({
      description: 'write down, as JSON lines, what clients asked and were told: for `kvx check`',
      helpValue: 'FILE',
      env: 'KVX_HISTORY',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags, raw } = await this.parse(Run);
    const { cluster: _, runtime: __, ...said }: SpecFlags = flags;
    const library = join(this.config.root, 'scenarios');
    if (flags.list) {
      listScenarios(scenariosIn(library), flags);
      return;
    }
    const typed = typedFlags(raw);
    const files = filesOf(argv.map(String), library);
    if (said.config === '-' && files.some(({ file }) => file === '-')) {
      throw usageError('standard input is the script or the configuration, not both');
    }
    const isShell = flags['as-shell'];
    const places = isShell ? [shellPlaceOf(flags)] : placesOf(flags, describesCluster(said));
    const [place] = places as [RunPlace];
    // A shell starts a cluster when it is told to, or told where.
    const isBare = isShell && flags.runtime === undefined && flags.seed === undefined;
    if (isBare && flags.dialect === 'kvx') note(greetingOf(place));
    const dialect = dialectOptionsOf(flags, typed);
    if (flags.dialect !== 'kvx') {
      const name = flags.dialect as DialectName;
      checkForDialect(name, flags, typed);
      if ('cluster' in place) checkAttached(name, place.cluster.record);
      const spec = await dialectSpecOf(name, said, typed, flags.gossip);
      const { runDialectFile } = await import('../cli/scripts/run-file.js');
      await this.interruptibly(async (signal) => {
        const streams = { out: write, err: note };
        const options = { place, streams, signal, spec, dialect, asShell: isShell };
        for (const { file } of files) await runDialectFile(name, { file, ...options });
      });
      return;
    }
    const attached = 'cluster' in place;
    const spec = attached ? place.cluster.record : await specFromFlags(said, true);
    const { history = null, json, reporter = null } = flags;
    const echo = !flags.quiet && !isShell;
    const { loadScript } = await import('../cli/scripts/run-file.js');
    const { runScripts } = await import('../cli/scripts/run-scripts.js');
    await this.interruptibly(async (signal) => {
      const programs: Program[] = [];
      for (const file of files) {
        const program = await loadScript(file, spec, { attached, asShell: isShell }, signal);
        programs.push(isBare ? { ...program, spec: null } : program);
      }
      checkSeveral(programs.length * places.length, flags);
      const streams = { out: write, err: note };
      const options = { places, json, echo, historyPath: history, streams, signal };
      const code = await runScripts(programs, {
        ...options,
        reporter: reporter as ReporterName | null,
      });
      if (code !== 0) process.exitCode = code;
    });
  }
}

function listScenarios(scenarios: readonly Scenario[], { json }: { readonly json: boolean }): void {
  if (json) printJson({ scenarios });
  else {
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    for (const { name, title } of scenarios) printLine(`${name.padEnd(width)}  ${title}`);
  }
}

interface PlaceFlags {
  readonly cluster?: string | undefined;
  readonly runtime?: string | undefined;
  readonly seed?: number | undefined;
  readonly seeds?: string | undefined;
}

function placesOf({ cluster, runtime, seed, seeds }: PlaceFlags, describes: boolean): RunPlace[] {
  if (cluster !== undefined) {
    if (describes || [runtime, seed, seeds].some((flag) => flag !== undefined)) {
      throw usageError('--cluster means one that is up: nothing else can be said of it');
    }
    return [{ cluster: chooseUpCluster(cluster) }];
  }
  if (seeds === undefined) return [ownPlaceOf({ runtime, seed })];
  if (seed !== undefined) throw usageError('--seed and --seeds: one of them is enough');
  if ((runtime ?? 'sim') !== 'sim') throw usageError('--seeds needs --runtime sim');
  return toSeeds(seeds).map((each) => ({ runtime: 'sim', seed: each }));
}

/** What has no effect on a dialect, whose output is compared as it is. */
function checkForDialect(name: DialectName, flags: object, typed: ReadonlySet<string>): void {
  const wrong = ['json', 'quiet', 'history', 'reporter', 'seeds'].find(
    (flag) => typed.has(flag) && Object.hasOwn(flags, flag),
  );
  if (wrong !== undefined) throw usageError(`--${wrong} is not for dialect ${name}`);
}

function checkSeveral(
  count: number,
  flags: {
    readonly json: boolean;
    readonly history?: string | undefined;
    readonly reporter?: string | undefined;
  },
): void {
  if (flags.json && flags.reporter !== undefined) {
    throw usageError('--json and --reporter are two forms of one thing: say one of them');
  }
  if (count > 1 && flags.history !== undefined) {
    throw usageError(`--history is of one run, and these are ${count}`);
  }
}
