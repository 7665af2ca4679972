import { KvxCommand } from '../../cli/command.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { showLinks } from '../../cli/show-links.js';

export default class FaultList extends KvxCommand {
  static override summary = 'Print what each link does: ok, its mean delay, or cut.';
  static override description = 'Row: from, column: to.';
  static override examples = [
    '<%= config.bin %> fault list',
    '<%= config.bin %> fault list --json',
  ];
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(FaultList);
    showLinks(chooseUpCluster(flags.cluster), flags);
  }
}
