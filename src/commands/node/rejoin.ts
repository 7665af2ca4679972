import { changeFlags } from '../../cli/change-nodes.js';
import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { withProgress } from '../../cli/progress.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { toDuration, toNode } from '../../cli/values.js';
import { rejoinNode } from '../../cluster/cluster.js';
import { formatDuration } from '../../config/duration.js';
import { note, printJson, printLine } from '../../render/output.js';

export default class NodeRejoin extends KvxCommand {
  static override summary =
    'Bring back a node that lost its data: as a new member that copies first.';
  static override description =
    'A node that can start with the data it has keeps them. Otherwise the others take it out, what is left of its data is put aside, and it copies from them before it serves, acknowledges or votes. If it is not known whether it is back (exit code 2), the same command again sees it through.';
  static override examples = [
    '<%= config.bin %> node rejoin n2',
    '<%= config.bin %> node rejoin n2 --timeout 5m',
  ];
  static override args = { node: requiredArg('which node') };
  static override flags = changeFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NodeRejoin);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const wanted = toNode(args.node, cluster.record.nodes);
    const { node, outcome, aside, tookMs } = await this.interruptibly((signal) =>
      withProgress(
        () => `bringing back ${wanted}`,
        () => rejoinNode(cluster, wanted, { timeoutMs, signal }),
      ),
    );
    if (flags.json) {
      printJson({ cluster: cluster.record.name, node, outcome, aside, tookMs });
      return;
    }
    if (outcome === 'kept') {
      printLine(`${node} runs with the data it has`);
      return;
    }
    printLine(`${node} rejoined`);
    if (aside !== null) note(`What was left of its data is in ${aside}.`);
    note(`It has copied from the others, in ${formatDuration(tookMs)}.`);
  }
}
