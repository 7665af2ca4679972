import { KvxCommand } from '../../cli/command.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { gatherStatus } from '../../cli/status.js';
import { printStatus } from '../../cli/status-report.js';

export default class ClusterStatus extends KvxCommand {
  static override summary = 'Show each node: role, state, keys, journal, lag, faults on its links.';
  static override description = [
    'JOURNAL: records made durable since the node started. LAG: records not yet durable.',
    'PENDING: work under way that will still change some replica. SUSPECTS: peers it believes to be out of reach.',
    'Below: each transaction that is in doubt or not acknowledged by all, since when, and on whom it waits.',
    'A node that runs but does not answer is silent. Exit code 3 when the cluster is not up.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> cluster status',
    'watch <%= config.bin %> cluster status',
    '<%= config.bin %> cluster status --json',
  ];
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterStatus);
    const cluster = chooseUpCluster(flags.cluster);
    const nodes = await this.interruptibly(() => gatherStatus(cluster));
    printStatus(cluster.record, nodes, flags);
  }
}
