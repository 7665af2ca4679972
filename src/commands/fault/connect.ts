import { changeLinks } from '../../cli/change-links.js';
import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { connectLink } from '../../faults/partition.js';

export default class FaultConnect extends KvxCommand {
  static override summary = 'Take the cut between two nodes, or a session and a node, away.';
  static override description = 'Where the topology has no link, makes one, until `fault heal`.';
  static override examples = [
    '<%= config.bin %> fault connect n1 n2',
    '<%= config.bin %> fault connect ann n1',
    '<%= config.bin %> fault connect n1 n2 --json',
  ];
  static override args = { a: requiredArg('one end'), b: requiredArg('the other end') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FaultConnect);
    await this.interruptibly(() =>
      changeLinks(flags, (rules, { nodes, isClient }) =>
        connectLink(rules, args.a, args.b, nodes, isClient),
      ),
    );
  }
}
