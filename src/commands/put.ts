import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, sessionFlags, valueArg } from '../cli/flags.js';
import { printWrite } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import { keyBytesFlags, toKey, toValue, typedBytes, valueBytesFlags } from '../cli/typed-bytes.js';

export default class Put extends KvxCommand {
  static override summary = 'Give a key a value.';
  static override examples = [
    '<%= config.bin %> put greeting hello',
    '<%= config.bin %> put greeting "hello again" --level all',
    'date | <%= config.bin %> put now -',
  ];
  static override args = { key: keyArg, value: valueArg };
  static override flags = { ...keyBytesFlags, ...valueBytesFlags, ...keyFlags, ...sessionFlags };
  static override usage = '<%= command.id %> KEY [VALUE]';

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Put);
    const [typedKey, typedValue] = typedBytes(['key', 'value'], argv as string[], flags);
    const key = toKey(typedKey);
    const outcome = await this.interruptibly(async (signal) => {
      const value = await toValue(typedValue, signal);
      return withClient(flags, signal, (client) => client.put(key, value));
    });
    printWrite(key, outcome, flags);
  }
}
