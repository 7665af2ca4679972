import { KvxCommand } from '../../cli/command.js';
import { failRatesOf } from '../../cli/fail-rates.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { showLinks } from '../../cli/show-links.js';

export default class FaultList extends KvxCommand {
  static override summary = 'Print what each link does: ok, its mean delay, or cut.';
  static override description =
    'Row: from, column: to. In mode paxos, also which nodes fail to answer, and how often.';
  static override examples = [
    '<%= config.bin %> fault list',
    '<%= config.bin %> fault list --json',
  ];
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(FaultList);
    const cluster = chooseUpCluster(flags.cluster);
    showLinks(cluster, { ...flags, failRates: await failRatesOf(cluster) });
  }
}
