import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { stepNodes } from '../../cli/node-steps.js';
import { chooseUpCluster } from '../../cli/reach.js';

export default class NodePause extends KvxCommand {
  static override summary = 'Freeze nodes: they keep their connections and say nothing.';
  static override examples = [
    '<%= config.bin %> node pause n2',
    '<%= config.bin %> node pause n3 n4',
  ];
  static override args = { node: requiredArg('one or more nodes') };
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(NodePause);
    const cluster = chooseUpCluster(flags.cluster);
    await this.interruptibly(() => stepNodes(cluster, 'pause', argv.map(String), flags));
  }
}
