import * as Flags from '@oclif/core/flags';
import { changeFlags, printChange } from '../../cli/change-nodes.js';
import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { withProgress } from '../../cli/progress.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { toDuration } from '../../cli/values.js';
import { removeNode } from '../../cluster/cluster.js';

export default class NodeRemove extends KvxCommand {
  static override summary =
    'Take a node out of a running cluster, dead or alive (modes gossip, 2pc and paxos).';
  static override description =
    'In mode gossip it first tells the others what it alone holds, and if it can not, nothing is removed (exit code 3). The others go on without it; then it is killed, and its data and log are removed. If it is not known whether the others have taken it out (exit code 2), the same command again sees it through.';
  static override examples = [
    '<%= config.bin %> node remove n4',
    '<%= config.bin %> node remove n4 --keep',
  ];
  static override args = { node: requiredArg('which node') };
  static override flags = {
    ...changeFlags,
    keep: Flags.boolean({ description: 'keep its data and its log', env: 'KVX_KEEP' }),
    // No variable of the environment may lose data.
    force: Flags.boolean({ description: 'also when it can not hand over what it alone may hold' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NodeRemove);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const { keep, force } = flags;
    const report = await this.interruptibly((signal) =>
      withProgress(
        () => `removing ${args.node}`,
        () => removeNode(cluster, args.node, { timeoutMs, signal, keep, force }),
      ),
    );
    printChange(cluster, 'removed', report, flags);
  }
}
