import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { stepNodes } from '../../cli/node-steps.js';
import { chooseUpCluster } from '../../cli/reach.js';

export default class NodeKill extends KvxCommand {
  static override summary = 'Kill nodes at once, as a crash would; what they made durable stays.';
  static override examples = [
    '<%= config.bin %> node kill n2',
    '<%= config.bin %> node kill n3 n4',
  ];
  static override args = { node: requiredArg('one or more nodes') };
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(NodeKill);
    const cluster = chooseUpCluster(flags.cluster);
    await this.interruptibly(() => stepNodes(cluster, 'kill', argv.map(String), flags));
  }
}
