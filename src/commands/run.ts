import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../cli/command.js';
import { optionalArg } from '../cli/flags.js';
import { chooseUpCluster } from '../cli/reach.js';
import {
  dialectFlags,
  dialectOptionsOf,
  dialectSpecOf,
  ownPlaceOf,
  runtimeFlag,
  seedFlag,
  typedFlags,
} from '../cli/script-flags.js';
import { describesCluster, specFlags, specFromFlags } from '../cli/spec-flags.js';
import { usageError } from '../cli/values.js';
import { note, write } from '../report/output.js';
import { checkAttached } from '../scenario/dialects/dialect-spec.js';
import type { DialectName } from '../scenario/dialects/words.js';

const { name: _name, runtime: _runtime, ...clusterFlags } = specFlags;

export default class Run extends KvxCommand {
  static override summary = 'Run a scenario script on a cluster of its own, real or simulated.';
  static override description = [
    'One command a line, in the words of the command line; `expect`, `repeat`, `client` and `at once` on top (docs/scenarios.md). All of it is checked before anything starts. A failed expectation ends the script with exit code 1; the cluster that was started is taken down in every case.',
    'What the flags say of the cluster holds when the script has no `cluster up`.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> run scenarios/stale-read.kvx',
    '<%= config.bin %> run scenarios/stale-read.kvx --runtime sim --seed 7',
    `printf 'put a 1\\nexpect get a == 1\\n' | <%= config.bin %> run`,
  ];
  static override args = { file: optionalArg('the script; - or absent: standard input') };
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
    ...dialectFlags,
    history: Flags.string({
      description: 'write down, as JSON lines, what clients asked and were told: for `kvx check`',
      helpValue: 'FILE',
      env: 'KVX_HISTORY',
    }),
    verbose: Flags.boolean({
      char: 'v',
      description: 'say each command on standard error before it is done',
      env: 'KVX_VERBOSE',
    }),
  };

  async run(): Promise<void> {
    const { args, flags, raw } = await this.parse(Run);
    const { cluster: _, runtime: __, ...said } = flags;
    const typed = typedFlags(raw);
    const place = placeOf(flags, describesCluster(said));
    const { runDialectFile, runFile } = await import('../scenario/run-file.js');
    const dialect = dialectOptionsOf(flags, typed);
    if (flags.dialect === 'kvx') {
      const spec = 'cluster' in place ? place.cluster.record : await specFromFlags(said, true);
      await this.interruptibly(async (signal) => {
        const streams = { out: write, err: note };
        const options = { file: args.file, place, json: flags.json, streams, signal, spec };
        const { verbose, history = null } = flags;
        const { failed } = await runFile({ ...options, verbose, historyPath: history });
        if (failed) this.answerNo();
      });
      return;
    }
    for (const flag of ['json', 'verbose', 'history'] as const) {
      if (flags[flag]) throw usageError(`--${flag} is not for dialect ${flags.dialect}`);
    }
    const name = flags.dialect as DialectName;
    if ('cluster' in place) checkAttached(name, place.cluster.record);
    const spec = await dialectSpecOf(name, said, typed, flags.gossip);
    await this.interruptibly(async (signal) => {
      const streams = { out: write, err: note };
      await runDialectFile(name, { file: args.file, place, streams, signal, spec, dialect });
    });
  }
}

interface PlaceFlags {
  readonly cluster?: string | undefined;
  readonly runtime?: string | undefined;
  readonly seed?: number | undefined;
}

function placeOf({ cluster, runtime, seed }: PlaceFlags, describes: boolean) {
  if (cluster !== undefined) {
    if (describes || runtime !== undefined || seed !== undefined) {
      throw usageError('--cluster means one that is up: nothing else can be said of it');
    }
    return { cluster: chooseUpCluster(cluster) };
  }
  return ownPlaceOf({ runtime, seed });
}
