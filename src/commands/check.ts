import * as Flags from '@oclif/core/flags';
import { checkHistory } from '../cli/check-history.js';
import { KvxCommand } from '../cli/command.js';
import { requiredArg } from '../cli/flags.js';

export default class Check extends KvxCommand {
  static override summary = 'Which consistency was that? Judges a history of what clients saw.';
  static override description = [
    'Prints a ladder of models, each of which holds, is violated or unknown, and the smallest evidence against the next rung above the strongest that holds.',
    '',
    'With --model: exit code 0 when all of these hold, 1 when one is violated, 2 when one is unknown. Without: 0 when the strongest that holds is known, 1 when none holds, 2 when a stronger one is unknown. A file that is no history: 64, with its line.',
    'Histories: JSON lines as `kvx bench --history` writes them; EDN, JSON and logs of Jepsen and Knossos; timed operations; packed with gzip or not. Of keys and transactions, or of what else Jepsen tests: sets, lists, counters, banks, queues, locks, ids. Models, formats and what proves what: docs/checking.md.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> check history.jsonl',
    '<%= config.bin %> check history.jsonl --model linearizable --timeout 30s',
    '<%= config.bin %> check jepsen.edn --json',
  ];
  static override args = { history: requiredArg('the file; - for standard input') };
  static override flags = {
    model: Flags.string({
      description: 'judge these only, such as linearizable,causal',
      helpValue: 'NAMES',
      env: 'KVX_MODEL',
    }),
    timeout: Flags.string({
      description: 'what is not decided by then is unknown',
      helpValue: 'TIME',
      default: '60s',
      env: 'KVX_TIMEOUT',
    }),
    memory: Flags.string({
      description: 'what a search may hold in memory; past it, unknown',
      helpValue: 'SIZE',
      default: '1GB',
      env: 'KVX_MEMORY',
    }),
    quiet: Flags.string({
      description: 'how long after the last write all must read the same to be called convergent',
      helpValue: 'TIME',
      default: '10s',
      env: 'KVX_QUIET',
    }),
    initial: Flags.string({
      description: 'what every key held at first; else nothing, or what the history shows',
      helpValue: 'VALUE',
      env: 'KVX_INITIAL',
    }),
    format: Flags.string({
      description: 'jsonl, edn, log or timed; else told from the first line',
      helpValue: 'FORMAT',
      env: 'KVX_FORMAT',
    }),
    export: Flags.string({
      description: 'also write the history as EDN, so that other checkers can judge',
      helpValue: 'FILE',
      env: 'KVX_EXPORT',
    }),
  };
  /** The history is only read. */
  static override changes = false;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Check);
    this.answer(await checkHistory(args.history, flags));
  }
}
