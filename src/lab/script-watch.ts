/** What a script prints while it runs, with its place and what had happened by then. */
import type { KvxError } from '../core/errors.js';
import type { Given } from '../operations/given.js';
import type { OperationOutcome } from '../operations/operation.js';
import type { JudgedOutcome } from '../scenario/outcome.js';
import type { Statement } from '../scenario/program.js';
import { type ScriptDisplay, ScriptOutput } from '../scenario/script-output.js';
import { plainPage, plainText } from './plain-page.js';
import type { OutputLine } from './recording.js';

type Placed = Pick<Statement, 'line' | 'text' | 'steps'>;

export interface UnmetExpectation {
  readonly line: number;
  readonly expected: string;
  readonly seen: string;
}

export interface ScriptWatchSetup {
  /** Events so far. */
  readonly count: () => number;
  /** A command is about to run. Throws what ends the script. */
  readonly onCommand: () => void;
}

/** Lines of output that are kept. */
const linesMax = 10_000;

export class ScriptWatch extends ScriptOutput {
  readonly lines: OutputLine[] = [];
  unmet: UnmetExpectation | null = null;
  readonly #count: () => number;
  #line = 0;

  constructor({ count, onCommand }: ScriptWatchSetup) {
    const say = (text: string, isError: boolean): void => {
      for (const line of text.replace(/\n$/, '').split('\n')) this.#say(line, isError);
    };
    const streams = {
      out: (data: string | Uint8Array) => say(plainText(data), false),
      err: (line: string) => say(line, true),
    };
    const display: ScriptDisplay = {
      width: () => 80,
      layOut: plainPage,
      watching: (_, work) => {
        onCommand();
        return work(() => {});
      },
    };
    super(streams, display, { json: false, echo: false });
    this.#count = count;
  }

  override begin(placed: Placed, client: string | null): void {
    this.#line = placed.line;
    super.begin(placed, client);
  }

  override told(placed: Placed, client: string | null, line: string, document: unknown): void {
    this.#line = placed.line;
    super.told(placed, client, line, document);
  }

  override outcome(
    placed: Placed,
    client: string | null,
    given: Given,
    outcome: OperationOutcome,
  ): void {
    this.#line = placed.line;
    super.outcome(placed, client, given, outcome);
  }

  override judged(
    source: string,
    placed: Placed,
    client: string | null,
    judgement: JudgedOutcome,
  ): void {
    this.#line = placed.line;
    const { holds, expected, seen } = judgement;
    if (!holds) this.unmet ??= { line: placed.line, expected, seen };
    super.judged(source, placed, client, judgement);
  }

  override failed(placed: Placed, client: string | null, error: KvxError): void {
    this.#line = placed.line;
    super.failed(placed, client, error);
  }

  /** What is of no line of the script. */
  failure(text: string): void {
    this.#line = 0;
    this.#say(text, true);
  }

  #say(text: string, isError: boolean): void {
    if (this.lines.length >= linesMax) return;
    this.lines.push({ event: this.#count(), line: this.#line, text, isError });
  }
}
