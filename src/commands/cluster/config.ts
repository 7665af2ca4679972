import { KvxCommand } from '../../cli/command.js';
import { describesCluster, specFlags, specFromFlags } from '../../cli/spec-flags.js';
import { chooseCluster } from '../../cluster/state/state.js';
import { configOf } from '../../config/effective.js';
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
  static override flags = specFlags;
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterConfig);
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
