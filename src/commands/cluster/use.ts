import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { optionalArg } from '../../cli/flags.js';
import { usageError } from '../../cli/values.js';
import { useCluster } from '../../cluster/state/state.js';
import { printJson, printLine } from '../../render/output.js';

export default class ClusterUse extends KvxCommand {
  static override summary = 'Choose the cluster that commands mean when they name none.';
  static override examples = [
    '<%= config.bin %> cluster use dev',
    '<%= config.bin %> cluster use --none',
  ];
  static override args = { name: optionalArg('a cluster of `kvx cluster list`') };
  static override flags = {
    none: Flags.boolean({ description: 'choose none', env: 'KVX_NONE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterUse);
    const name = flags.none ? null : args.name;
    if (name === undefined) {
      throw usageError('missing: NAME', 'See `kvx cluster list`; --none chooses none.');
    }
    useCluster(name);
    if (flags.json) printJson({ current: name });
    else printLine(name ?? 'no cluster is chosen');
  }
}
