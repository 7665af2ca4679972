import { changeFlags, printChange } from '../../cli/change-nodes.js';
import { KvxCommand } from '../../cli/command.js';
import { optionalArg } from '../../cli/flags.js';
import { withProgress } from '../../cli/progress.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { toDuration } from '../../cli/values.js';
import { addNode } from '../../cluster/cluster.js';

export default class NodeAdd extends KvxCommand {
  static override summary =
    'Start one more node in a running cluster (modes gossip, 2pc and paxos).';
  static override description =
    'Returns when it has caught up and is a member. If it surely can not become one it is taken away again; if that is not known (exit code 2), the same command again sees it through, and `node remove` undoes it. Whatever the topology, the new node is linked to all.';
  static override examples = [
    '<%= config.bin %> node add',
    '<%= config.bin %> node add n7 --timeout 2m',
  ];
  static override args = { node: optionalArg('its name; absent: the next of n1, n2, …') };
  static override flags = changeFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NodeAdd);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const report = await this.interruptibly((signal) =>
      withProgress(
        () => 'adding a node',
        () => addNode(cluster, args.node ?? null, { timeoutMs, signal }),
      ),
    );
    printChange(cluster, 'added', report, flags);
  }
}
