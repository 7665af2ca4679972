import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { stepNodes } from '../../cli/node-steps.js';
import { chooseUpCluster } from '../../cli/reach.js';

export default class NodeRestart extends KvxCommand {
  static override summary =
    'Start nodes again, killing first those that run; they recover from their journals.';
  static override examples = [
    '<%= config.bin %> node restart n2',
    '<%= config.bin %> node restart n3 n4',
  ];
  static override args = { node: requiredArg('one or more nodes') };
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(NodeRestart);
    const cluster = chooseUpCluster(flags.cluster);
    await this.interruptibly(() => stepNodes(cluster, 'restart', argv.map(String), flags));
  }
}
