import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { gatherStatus } from '../../cli/status.js';
import { printNodeStatus } from '../../cli/status-report.js';
import { toNode } from '../../cli/values.js';

export default class NodeStatus extends KvxCommand {
  static override summary = 'Show all that is known of nodes, a line a thing.';
  static override description =
    'What the launcher knows of each, and what it says of itself; `kvx cluster status` has a line a node.';
  static override examples = [
    '<%= config.bin %> node status n1',
    '<%= config.bin %> node status n1 n2 --json',
  ];
  static override args = { node: requiredArg('one or more nodes') };
  static override strict = false;
  static override changes = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(NodeStatus);
    const cluster = chooseUpCluster(flags.cluster);
    const wanted = argv.map((name) => toNode(String(name), cluster.record.nodes));
    const reports = await this.interruptibly(() => gatherStatus(cluster));
    const shown = reports.filter(({ node }) => wanted.includes(node));
    printNodeStatus(cluster.record, shown, flags);
  }
}
