import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { stepNodes } from '../../cli/node-steps.js';
import { chooseUpCluster } from '../../cli/reach.js';

export default class NodeResume extends KvxCommand {
  static override summary = 'Let paused nodes go on where they stopped.';
  static override examples = [
    '<%= config.bin %> node resume n2',
    '<%= config.bin %> node resume n3 n4',
  ];
  static override args = { node: requiredArg('one or more nodes') };
  static override strict = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(NodeResume);
    const cluster = chooseUpCluster(flags.cluster);
    await this.interruptibly(() => stepNodes(cluster, 'resume', argv.map(String), flags));
  }
}
