import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, sessionFlags } from '../cli/flags.js';
import { printWrite } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import { keyBytesFlags, toKey, typedBytes } from '../cli/typed-bytes.js';

export default class Delete extends KvxCommand {
  static override summary = 'Delete a key; deleting nothing is fine.';
  static override examples = [
    '<%= config.bin %> delete greeting',
    '<%= config.bin %> delete greeting --json',
  ];
  static override args = { key: keyArg };
  static override usage = '<%= command.id %> KEY';
  static override flags = { ...keyBytesFlags, ...keyFlags, ...sessionFlags };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Delete);
    const key = toKey(typedBytes(['key'], argv as string[], flags)[0]);
    const outcome = await this.interruptibly((signal) =>
      withClient(flags, signal, (client) => client.delete(key)),
    );
    printWrite(key, outcome, flags);
  }
}
