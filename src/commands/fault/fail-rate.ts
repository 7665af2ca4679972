import { KvxCommand } from '../../cli/command.js';
import { setFailRate, toRate } from '../../cli/fail-rates.js';
import { optionalArg } from '../../cli/flags.js';
import { chooseUpCluster } from '../../cli/reach.js';
import { usageError } from '../../cli/values.js';
import { printJson, printLine } from '../../render/output.js';

export default class FaultFailRate extends KvxCommand {
  static override summary =
    'Let nodes fail to answer a Prepare or an Accept with this probability (mode paxos).';
  static override description =
    'One node, or all that run; until they restart, which takes them back to the rate of `cluster up`. Prints each node with its rate.';
  static override usage = 'fault fail-rate [NODE] RATE [-C NAME] [--json]';
  static override examples = [
    '<%= config.bin %> fault fail-rate 0.3',
    '<%= config.bin %> fault fail-rate n2 90%',
    '<%= config.bin %> fault fail-rate 0',
  ];
  static override args = {
    node: optionalArg('which node; absent: all'),
    rate: optionalArg('from 0 to below 1, such as 0.3 or 30%'),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FaultFailRate);
    if (args.node === undefined) throw usageError('missing: RATE', 'See `kvx fault fail-rate -h`.');
    const [node, text] = args.rate === undefined ? [undefined, args.node] : [args.node, args.rate];
    const rate = toRate(text);
    const cluster = chooseUpCluster(flags.cluster);
    const rates = await this.interruptibly(() => setFailRate(cluster, node, rate));
    if (flags.json) printJson({ cluster: cluster.record.name, failRates: rates });
    else for (const { node: name, failRate } of rates) printLine(`${name} ${failRate}`);
  }
}
