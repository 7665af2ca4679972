import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags, sessionFlags } from '../cli/flags.js';
import { printRead } from '../cli/outcomes.js';
import { withClient } from '../cli/reach.js';
import { keyBytesFlags, toKey, typedBytes } from '../cli/typed-bytes.js';

import { keyToLine } from '../render/bytes.js';
import { note } from '../render/output.js';

export default class Get extends KvxCommand {
  static override summary =
    'Print the value of a key; nothing on standard output, and exit code 1, when it is absent.';
  static override description =
    'The value comes as it is, followed by a newline; with --raw by nothing. A node that is behind what the --session has seen is passed over; when all are: ERR_DEP, and exit code 1. With --json, status is OK, ERR_KEY (absent) or ERR_DEP.';
  static override examples = [
    '<%= config.bin %> get greeting --level one --node n2',
    '<%= config.bin %> get greeting --session me',
    '<%= config.bin %> get greeting --raw | wc -c',
  ];
  static override args = { key: keyArg };
  static override usage = '<%= command.id %> KEY';
  static override flags = {
    ...keyBytesFlags,
    ...keyFlags,
    ...sessionFlags,
    raw: Flags.boolean({ description: 'add no newline', env: 'KVX_RAW' }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Get);
    const key = toKey(typedBytes(['key'], argv as string[], flags)[0]);
    const outcome = await this.interruptibly((signal) =>
      withClient(flags, signal, (client) => client.get(key)),
    );
    printRead(key, outcome, flags);
    if (outcome.value === null) {
      if (!flags.json) note(`There is no key ${keyToLine(key, 60)}.`);
      this.answerNo();
    }
  }
}
