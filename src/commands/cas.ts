import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, requiredArg, sessionFlags, valueArg } from '../cli/flags.js';
import { printWrite } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import { toKey, toValue } from '../cli/values.js';

export default class Cas extends KvxCommand {
  static override summary =
    'Compare and set: put NEW only if the key holds OLD; else say what it holds, with exit code 1.';
  static override examples = [
    '<%= config.bin %> cas greeting hello goodbye',
    '<%= config.bin %> cas greeting hello goodbye --json',
  ];
  static override args = {
    key: keyArg,
    old: requiredArg('the value that must be there'),
    new: valueArg,
  };
  static override flags = { ...keyFlags, ...sessionFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Cas);
    const key = toKey(args.key);
    const expected = Buffer.from(args.old);
    const outcome = await this.interruptibly(async (signal) => {
      const value = await toValue(args.new, signal);
      return withClient(flags, signal, (client) => client.cas(key, expected, value));
    });
    if (!printWrite(key, outcome, flags)) this.answerNo();
  }
}
