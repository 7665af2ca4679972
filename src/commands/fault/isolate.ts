import { changeLinks } from '../../cli/change-links.js';
import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { isolate } from '../../faults/partition.js';

export default class FaultIsolate extends KvxCommand {
  static override summary = 'Cut one node from all others, on top of the cuts there are.';
  static override examples = [
    '<%= config.bin %> fault isolate n4',
    '<%= config.bin %> fault isolate n4 --json',
  ];
  static override args = { node: requiredArg('which node') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FaultIsolate);
    await this.interruptibly(() =>
      changeLinks(flags, (rules, { nodes }) => isolate(rules, args.node, nodes)),
    );
  }
}
