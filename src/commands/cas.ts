import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, optionalArg, sessionFlags, valueArg } from '../cli/flags.js';
import { printWrite } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import {
  keyBytesFlags,
  oldBytesFlags,
  toKey,
  toOldValue,
  toValue,
  typedBytes,
  valueBytesFlags,
} from '../cli/typed-bytes.js';

export default class Cas extends KvxCommand {
  static override summary =
    'Compare and set: put NEW only if the key holds OLD; else say what it holds, with exit code 1.';
  static override examples = [
    '<%= config.bin %> cas greeting hello goodbye',
    '<%= config.bin %> cas greeting hello goodbye --json',
  ];
  static override args = {
    key: keyArg,
    old: optionalArg('the value that must be there; or --old-hex'),
    new: valueArg,
  };
  static override usage = '<%= command.id %> KEY OLD [NEW]';
  static override flags = {
    ...keyBytesFlags,
    ...oldBytesFlags,
    ...valueBytesFlags,
    ...keyFlags,
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Cas);
    const typed = typedBytes(['key', 'old', 'value'], argv as string[], flags);
    const key = toKey(typed[0]);
    const expected = toOldValue(typed[1]);
    const outcome = await this.interruptibly(async (signal) => {
      const value = await toValue(typed[2], signal);
      return withClient(flags, signal, (client) => client.cas(key, expected, value));
    });
    if (!printWrite(key, outcome, flags)) this.answerNo();
  }
}
