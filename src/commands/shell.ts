import { KvxCommand } from '../cli/command.js';
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
import { usageError } from '../cli/values.js';
import { listClusters } from '../cluster/state.js';
import { checkAttached } from '../scenario/dialects/dialect-spec.js';

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
    runtime: runtimeFlag('of a cluster that is started here: threads (default), processes, sim'),
    seed: seedFlag,
    ...dialectFlags,
  };

  async run(): Promise<void> {
    const { flags, raw } = await this.parse(Shell);
    if (!process.stdin.isTTY) {
      await this.config.runCommand('run', this.argv);
      return;
    }
    if (flags.json) throw usageError('--json is for programs: they can use `kvx run --json`');
    const place = placeOf(flags);
    const dialect = flags.dialect as 'kvx' | 'cs380d' | 'cs425';
    const typed = typedFlags(raw);
    const dialectOptions = dialectOptionsOf(flags, typed);
    if (dialect !== 'kvx' && 'cluster' in place) checkAttached(dialect, place.cluster.record);
    const spec = dialect === 'kvx' ? null : await dialectSpecOf(dialect, {}, typed, flags.gossip);
    const { runShell } = await import('../scenario/shell/shell.js');
    await this.interruptibly((signal) =>
      runShell({ place, dialect, dialectOptions, spec, signal }),
    );
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
  const attaches = dialect === 'kvx' && !isOwn && listClusters().some(({ up }) => up);
  if (cluster !== undefined || attaches) return { cluster: chooseUpCluster(cluster) };
  return ownPlaceOf({ runtime, seed });
}
