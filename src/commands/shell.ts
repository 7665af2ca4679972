import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../cli/command.js';
import { chooseUpCluster } from '../cli/reach.js';
import { usageError } from '../cli/values.js';
import { listClusters } from '../cluster/state.js';

export default class Shell extends KvxCommand {
  static override summary = 'Type commands to a cluster: completion, history, help.';
  static override description = [
    'The words of scenarios (docs/scenarios.md), one after another, to the cluster that is up, or to one that `cluster up` starts for as long as the shell lasts. Tab completes commands, flags, nodes and keys; Ctrl-C stops the command that runs, Ctrl-D leaves.',
    'Without a terminal it is `kvx run -`.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> shell',
    '<%= config.bin %> shell --runtime sim --seed 7',
    '<%= config.bin %> shell --dialect cs380d',
  ];
  static override flags = {
    runtime: Flags.string({
      description: 'of a cluster that is started here: threads (default), processes, sim',
      helpValue: 'RUNTIME',
      options: ['sim', 'threads', 'processes'],
      env: 'KVX_RUNTIME',
    }),
    seed: Flags.integer({
      description: 'sim: the same seed and the same commands, the same run',
      helpValue: 'NUMBER',
      min: 0,
      env: 'KVX_SEED',
    }),
    dialect: Flags.string({
      description: 'kvx (default), or the vocabulary of a course: cs380d, cs425',
      helpValue: 'NAME',
      options: ['kvx', 'cs380d', 'cs425'],
      default: 'kvx',
      env: 'KVX_DIALECT',
    }),
    'delay-unit': Flags.string({
      description: 'cs425: what `delay T` counts in, s (default) or ms',
      helpValue: 'UNIT',
      options: ['s', 'ms'],
      default: 's',
      env: 'KVX_DELAY_UNIT',
    }),
    models: Flags.boolean({
      description: 'cs425: levels 1 to 4 are consistency models',
      env: 'KVX_MODELS',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Shell);
    if (!process.stdin.isTTY) {
      await this.config.runCommand('run', this.argv);
      return;
    }
    if (flags.json) throw usageError('--json is for programs: they can use `kvx run --json`');
    const place = placeOf(flags);
    const dialect = flags.dialect as 'kvx' | 'cs380d' | 'cs425';
    const dialectOptions = { delayUnit: flags['delay-unit'] as 's' | 'ms', models: flags.models };
    const { runShell } = await import('../scenario/shell/shell.js');
    await this.interruptibly((signal) => runShell({ place, dialect, dialectOptions, signal }));
  }
}

interface PlaceFlags {
  readonly cluster?: string | undefined;
  readonly runtime?: string | undefined;
  readonly seed?: number | undefined;
  readonly dialect: string;
}

/** The cluster that other commands would mean, if one is up; else one of its own, which is yet to be started. */
function placeOf({ cluster, runtime, seed, dialect }: PlaceFlags) {
  const isOwn = runtime !== undefined || seed !== undefined;
  if (cluster !== undefined && isOwn) {
    throw usageError('--cluster means one that is up: --runtime and --seed are of one that is not');
  }
  if (seed !== undefined && runtime !== 'sim') throw usageError('--seed needs --runtime sim');
  const attaches = dialect === 'kvx' && !isOwn && listClusters().some(({ up }) => up);
  if (cluster !== undefined || attaches) return { cluster: chooseUpCluster(cluster) };
  return { runtime: (runtime ?? 'threads') as 'sim' | 'threads' | 'processes', seed: seed ?? null };
}
