import { KvxCommand } from '../cli/command.js';
import { host } from '../cli/host.js';
import { display } from '../cli/scripts/display.js';
import {
  dialectFlags,
  dialectOptionsOf,
  dialectSpecOf,
  runtimeFlag,
  seedFlag,
  shellPlaceOf,
  typedFlags,
} from '../cli/scripts/script-flags.js';
import { readPlainConfigFile } from '../config/file.js';
import { usageError } from '../core/errors.js';
import { checkAttached } from '../coursework/dialect-spec.js';

export default class Shell extends KvxCommand {
  static override summary = 'Type commands to a cluster: completion, history, help.';
  static override description = [
    'The words of scenarios (docs/scenarios.md), one after another, to the cluster that is up, or to one that `cluster up` starts for as long as the shell lasts. Tab completes commands, flags, nodes and keys; Ctrl-C stops the command that runs, Ctrl-D leaves.',
    'Without a terminal it runs what it reads as `kvx run -q` does, on the same cluster.',
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
      await this.config.runCommand('run', [...this.argv, '--as-shell']);
      return;
    }
    if (flags.json) throw usageError('--json is for programs: they can use `kvx run --json`');
    const place = shellPlaceOf(flags);
    const dialect = flags.dialect as 'kvx' | 'cs380d' | 'cs425';
    const typed = typedFlags(raw);
    const dialectOptions = dialectOptionsOf(flags, typed);
    if (dialect !== 'kvx' && 'cluster' in place) checkAttached(dialect, place.cluster.record);
    const spec = dialect === 'kvx' ? null : await dialectSpecOf(dialect, {}, typed, flags.gossip);
    const { runShell } = await import('../shell/shell.js');
    await this.interruptibly((signal) =>
      runShell({
        ...{ place, dialect, dialectOptions, spec, signal },
        surroundings: { display, host, readConfig: readPlainConfigFile },
      }),
    );
  }
}
