import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { failRatesOf } from '../../cli/fail-rates.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { showLinks } from '../../cli/show-links.js';

export default class FaultList extends KvxCommand {
  static override summary = 'Print what each link does: ok, its mean delay, cut, or none.';
  static override description =
    'Row: from, column: to. None: the topology has no link there. Below: sessions that are cut from nodes. In mode paxos, also which nodes fail to answer, and how often.';
  static override examples = [
    '<%= config.bin %> fault list',
    '<%= config.bin %> fault list --json',
  ];
  static override flags = {
    wide: Flags.boolean({
      char: 'w',
      description: 'the whole matrix, however many nodes there are',
      env: 'KVX_WIDE',
    }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(FaultList);
    const cluster = chooseUpCluster(flags.cluster);
    showLinks(cluster, { ...flags, failRates: await failRatesOf(cluster) });
  }
}
