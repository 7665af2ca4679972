import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../cli/command.js';
import { keyFlags, optionalArg } from '../cli/flags.js';
import { chooseEndpoints, chooseUpCluster } from '../cli/reach.js';
import { printStore } from '../cli/store-report.js';
import { toDuration } from '../cli/values.js';
import { readStore } from '../client/store.js';

export default class Dump extends KvxCommand {
  static override summary =
    'Print all that one node holds, sorted by key; asks nobody else, repairs nothing.';
  static override description =
    'A line a key: the key and its value, as `kvx txn` and scripts take them. Bytes that are not printable text are escaped as in C, what holds blanks or is empty stands in quotes, and what is long is shortened unless --raw. With --json bytes that are no text come as {"base64": …}.';
  static override examples = [
    '<%= config.bin %> dump',
    '<%= config.bin %> dump n2 --json',
    'diff <(<%= config.bin %> dump n1 --raw) <(<%= config.bin %> dump n2 --raw)',
  ];
  static override aliases = ['show-all'];
  static override args = { node: optionalArg('else --node, else the first that can be reached') };
  static override flags = {
    node: keyFlags.node,
    timeout: keyFlags.timeout,
    raw: Flags.boolean({ description: 'shorten nothing', env: 'KVX_RAW' }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Dump);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const store = await this.interruptibly(() =>
      readStore(chooseEndpoints(cluster, args.node ?? flags.node), timeoutMs),
    );
    printStore(store, flags);
  }
}
