import * as Args from '@oclif/core/args';
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { type AnswerKind, exitCodes } from '../render/failure.js';
import { Interruption } from './interruption.js';

const helpGroup = 'GLOBAL';

const jsonFlag = Flags.boolean({
  description: 'print one JSON document, errors included',
  env: 'KVX_JSON',
  helpGroup,
});

const clusterFlag = Flags.string({
  char: 'C',
  description: 'which cluster; else the one of `kvx cluster use`, else the only one that is up',
  helpValue: 'NAME',
  env: 'KVX_CLUSTER',
  helpGroup,
});

// Of a missing argument, oclif would read standard input by itself, unbounded and as trimmed text.
const ignoreStdin = true;

export const optionalArg = (description: string) => Args.string({ ignoreStdin, description });

/**
 * What every command of kvx has in common: `--json` and `--cluster`, errors as people and programs want them, Ctrl-C.
 *
 * A command's `run` parses, calls one function and prints. It never calls `process.exit`, which would cut off what is
 * on its way into a pipe.
 */
export abstract class KvxCommand extends Command {
  static override baseFlags = { cluster: clusterFlag, json: jsonFlag };

  /** False for what only looks: its failures need not say whether they took effect. */
  static changes = true;

  #interruption: Interruption | null = null;

  /**
   * Runs `work` until it ends or the user interrupts it; then its signal is aborted, it gets to clean up, and the
   * command ends as interrupted.
   */
  protected interruptibly<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#interruption ??= new Interruption();
    return this.#interruption.guard(work);
  }

  /** The command has said what it found; this says it to programs. */
  protected answer(kind: AnswerKind): void {
    process.exitCode = exitCodes[kind];
  }

  override async catch(error: Error): Promise<void> {
    const { reportFailure } = await import('./report-failure.js');
    const { changes } = this.ctor as typeof KvxCommand;
    await reportFailure(error, this.argv, { commandId: this.id, changes });
  }

  override async finally(): Promise<void> {
    this.#interruption?.end();
  }

  /** `--json` is kvx's own flag here, not oclif's: results are printed, not returned. */
  override jsonEnabled(): boolean {
    return false;
  }
}
