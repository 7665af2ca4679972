import { changeLinks } from '../../cli/change-links.js';
import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { parseGroups, partition } from '../../faults/partition.js';

export default class FaultPartition extends KvxCommand {
  static override summary = 'Cut groups of nodes from each other; replaces the cuts between nodes.';
  static override description =
    'Nodes that no group names are one more group, so one named group is cut from the rest. Prints the link matrix: row from, column to.';
  static override examples = [
    '<%= config.bin %> fault partition n1,n2/n3,n4',
    '<%= config.bin %> fault partition n1',
  ];
  static override args = { groups: requiredArg('such as n1,n2/n3,n4') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FaultPartition);
    await this.interruptibly(() =>
      changeLinks(flags, (rules, { nodes, unlinked }) =>
        partition(rules, parseGroups(args.groups, nodes), unlinked),
      ),
    );
  }
}
