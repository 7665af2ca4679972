import { changeLinks } from '../../cli/change-links.js';
import { KvxCommand } from '../../cli/command.js';
import { requiredArg } from '../../cli/flags.js';
import { breakLink } from '../../faults/partition.js';

export default class FaultBreak extends KvxCommand {
  static override summary = 'Cut the link between two nodes, or a session and a node, both ways.';
  static override description =
    'A session that is cut from a node never talks to it: `kvx get KEY --session NAME` asks the others.';
  static override examples = [
    '<%= config.bin %> fault break n1 n2',
    '<%= config.bin %> fault break ann n1',
    '<%= config.bin %> fault break n1 n2 --json',
  ];
  static override args = { a: requiredArg('one end'), b: requiredArg('the other end') };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FaultBreak);
    await this.interruptibly(() =>
      changeLinks(flags, (rules, { nodes, isClient }) =>
        breakLink(rules, args.a, args.b, nodes, isClient),
      ),
    );
  }
}
