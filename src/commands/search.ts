import { KvxCommand } from '../cli/command.js';
import { keyArg, keyFlags } from '../cli/flags.js';
import { chooseEndpoints, chooseUpCluster } from '../cli/reach.js';
import { printSearch } from '../cli/search-report.js';
import { keyBytesFlags, toKey, typedBytes } from '../cli/typed-bytes.js';
import { toDuration } from '../cli/values.js';
import { isPresent, searchNodes } from '../client/search.js';
import { exitCodes } from '../render/failure.js';

export default class Search extends KvxCommand {
  static override summary = 'Show what each node holds under a key; repairs nothing.';
  static override description =
    'Exit code 1 when no node holds a value; 2 when none that answered does, and most did not.';
  static override examples = [
    '<%= config.bin %> search greeting',
    '<%= config.bin %> search greeting --json',
  ];
  static override args = { key: keyArg };
  static override usage = '<%= command.id %> KEY';
  static override flags = { ...keyBytesFlags, node: keyFlags.node, timeout: keyFlags.timeout };
  static override changes = false;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Search);
    const key = toKey(typedBytes(['key'], argv as string[], flags)[0]);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const endpoints = chooseEndpoints(cluster, flags.node);
    const found = await this.interruptibly(() => searchNodes(endpoints, key, timeoutMs));
    printSearch(key, found, flags);
    if (found.some(isPresent)) return;
    // Too few nodes were asked to say that nobody has it.
    const silentCount = found.filter(({ problem }) => problem !== null).length;
    if (2 * silentCount > found.length) process.exitCode = exitCodes.unknown;
    else this.answerNo();
  }
}
