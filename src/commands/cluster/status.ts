import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { gatherStatus } from '../../cli/status.js';
import { printStatus } from '../../cli/status-report.js';

export default class ClusterStatus extends KvxCommand {
  static override summary = 'Show each node: role, state, keys, lag, what is the matter with it.';
  static override description = [
    'LAG: records of its journal not yet durable. PENDING: work under way that will still change some replica.',
    'Then what matters in the mode: hints; clock and rumours; leader, ballot, last slot applied; the pool and what is in doubt.',
    'Below: why nodes stopped, which peers they suspect to be out of reach, faults on their links; and each transaction that is in doubt or not acknowledged by all.',
    'A node that runs but does not answer is silent. Exit code 3 when the cluster is not up.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> cluster status',
    'watch <%= config.bin %> cluster status --wide',
    '<%= config.bin %> cluster status --json',
  ];
  static override flags = {
    wide: Flags.boolean({ char: 'w', description: 'show all columns', env: 'KVX_WIDE' }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterStatus);
    const cluster = chooseUpCluster(flags.cluster);
    const nodes = await this.interruptibly(() => gatherStatus(cluster));
    printStatus(cluster.record, nodes, flags);
  }
}
