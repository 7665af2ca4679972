import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, sessionFlags, valueArg } from '../cli/flags.js';
import { printWrite } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import { toKey, toValue } from '../cli/values.js';

export default class Put extends KvxCommand {
  static override summary = 'Give a key a value.';
  static override examples = [
    '<%= config.bin %> put greeting hello',
    '<%= config.bin %> put greeting "hello again" --level all',
    'date | <%= config.bin %> put now -',
  ];
  static override args = { key: keyArg, value: valueArg };
  static override flags = { ...keyFlags, ...sessionFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Put);
    const key = toKey(args.key);
    const outcome = await this.interruptibly(async (signal) => {
      const value = await toValue(args.value, signal);
      return withClient(flags, signal, (client) => client.put(key, value));
    });
    printWrite(key, outcome, flags);
  }
}
