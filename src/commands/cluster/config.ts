import { KvxCommand } from '../../cli/command.js';
import { oclifFlags } from '../../cli/oclif-flags.js';
import { describesCluster, type SpecFlags, specFromFlags } from '../../cli/spec-flags.js';
import { chooseCluster } from '../../cluster/state/state.js';
import { configOf } from '../../config/effective.js';
import { specFlags } from '../../operations/spec-flags.js';
import { printJson, write } from '../../render/output.js';

export default class ClusterConfig extends KvxCommand {
  static override summary = 'Print the effective configuration, every default filled in.';
  static override description =
    'Of a cluster that is there; or, with --config or flags of `cluster up`, what those would come to. Starts nothing. What it prints can be given to `cluster up --config`.';
  static override examples = [
    '<%= config.bin %> cluster config -n 5 --read one',
    '<%= config.bin %> cluster config -n 3 --delay 10ms > three.yaml',
    '<%= config.bin %> cluster config -C dev --json',
  ];
  static override flags = oclifFlags(specFlags);
  static override changes = false;

  async run(): Promise<void> {
    const { flags: typed } = await this.parse(ClusterConfig);
    const flags = typed as SpecFlags & { readonly json: boolean };
    const spec = describesCluster(flags)
      ? await specFromFlags(flags, true)
      : chooseCluster(flags.name ?? flags.cluster).record;
    if (flags.json) {
      printJson(configOf(spec));
      return;
    }
    const { configAsYaml } = await import('../../config/print.js');
    write(configAsYaml(spec));
  }
}
