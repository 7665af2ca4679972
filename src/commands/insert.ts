import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, sessionFlags, valueArg } from '../cli/flags.js';
import { printWrite } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import { keyBytesFlags, toKey, toValue, typedBytes, valueBytesFlags } from '../cli/typed-bytes.js';

export default class Insert extends KvxCommand {
  static override summary = 'Put only if the key is absent; else say so, with exit code 1.';
  static override examples = [
    '<%= config.bin %> insert greeting hello',
    'date | <%= config.bin %> insert now -',
  ];
  static override args = { key: keyArg, value: valueArg };
  static override flags = { ...keyBytesFlags, ...valueBytesFlags, ...keyFlags, ...sessionFlags };
  static override usage = '<%= command.id %> KEY [VALUE]';

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Insert);
    const [typedKey, typedValue] = typedBytes(['key', 'value'], argv as string[], flags);
    const key = toKey(typedKey);
    const outcome = await this.interruptibly(async (signal) => {
      const value = await toValue(typedValue, signal);
      return withClient(flags, signal, (client) => client.insert(key, value));
    });
    if (!printWrite(key, outcome, flags)) this.answerNo();
  }
}
