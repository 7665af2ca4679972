import { changeLinks } from '../../cli/change-links.js';
import { KvxCommand } from '../../cli/command.js';
import { heal } from '../../faults/partition.js';

export default class FaultHeal extends KvxCommand {
  static override summary =
    'Take all cuts away; delays stay, and the topology is again as configured.';
  static override examples = [
    '<%= config.bin %> fault heal',
    '<%= config.bin %> fault heal && <%= config.bin %> verify',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(FaultHeal);
    await this.interruptibly(() =>
      changeLinks(flags, (rules, { unlinked }) => heal(rules, unlinked)),
    );
  }
}
