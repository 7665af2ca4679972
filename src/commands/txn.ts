import { KvxCommand } from '../cli/command.js';
import { keyFlags, optionalArg, sessionFlags } from '../cli/flags.js';
import { withClient } from '../cli/reach.js';
import { readText } from '../cli/read-text.js';
import { printCommitted, printConflict, printRefused } from '../cli/transaction-report.js';
import { parseTransaction } from '../cli/transaction-text.js';
import { KvxError } from '../core/errors.js';

export default class Txn extends KvxCommand {
  static override summary = 'Do several things at once, all of them or none (modes 2pc and paxos).';
  static override description = [
    'One step a line, in order: put KEY VALUE, get KEY, delete KEY, check KEY VALUE, check KEY absent.',
    'A word that holds blanks, or is empty, stands in double quotes; \\n, \\t, \\\\, \\", \\x00 and \\u0000 are as in C, and what follows # is a comment.',
    'Prints what each get saw, a line each, (absent) for nothing; OK when there is no get. When a check does not hold, or another transaction is in the way until the time is up, nothing is written: it prints `aborted:` and why, with exit code 1.',
  ].join('\n');
  static override examples = [
    `printf 'check from 100\\nput from 70\\nput to 30\\n' | <%= config.bin %> txn`,
    `printf 'check lock absent\\nput lock "held by me"\\nget total\\n' | <%= config.bin %> txn --json`,
    '<%= config.bin %> txn transfer.txt --timeout 10s',
  ];
  static override args = { file: optionalArg('the steps; - or absent: standard input') };
  static override flags = { ...keyFlags, ...sessionFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Txn);
    const { steps, outcome } = await this.interruptibly(async (signal) => {
      const { text, source } = await readText(args.file, signal);
      const steps = parseTransaction(text, source);
      const transact = withClient(flags, signal, (client) => client.transact(steps));
      return { steps, outcome: await transact.catch(asConflict) };
    });
    if (outcome.type === 'committed') printCommitted(steps, outcome, flags);
    else {
      this.answerNo();
      if (outcome.type === 'refused') printRefused(steps, outcome, flags);
      else printConflict(outcome, flags);
    }
  }
}

/** A conflict that surely wrote nothing is an answer; all else that goes wrong is not. */
function asConflict(error: unknown) {
  const isConflict = error instanceof KvxError && error.code === 'conflict' && error.definite;
  if (!isConflict) throw error;
  return { type: 'conflict' as const, message: error.message };
}
