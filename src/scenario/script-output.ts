import { joinBytes } from '../core/bytes.js';
import { KvxError } from '../core/errors.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { Given } from '../operations/given.js';
import type { OperationOutcome, ShowOptions } from '../operations/operation.js';
import { exitCodes, failureDocument } from '../render/failure.js';
import type { LaidOut } from '../render/lay-out.js';
import type { Page } from '../render/page.js';
import type { JudgedOutcome } from './outcome.js';
import type { Statement } from './program.js';

export interface Streams {
  out(data: string | Uint8Array): void;
  /** One line. */
  err(line: string): void;
}

/** What a script needs to show pages and progress. */
export interface ScriptDisplay {
  width(): number;
  layOut(page: Page): LaidOut;
  /** Runs `work`; what it waits for, at first `doing`, is shown while it takes long. */
  watching<T>(doing: string, work: (says: (doing: string) => void) => Promise<T>): Promise<T>;
}

export interface OutputOptions {
  /** One JSON document a command, a line each. */
  readonly json: boolean;
  /** Shows each command before it is done. */
  readonly echo: boolean;
  readonly where?: Exclude<ShowOptions['where'], 'command line'>;
}

type Placed = Pick<Statement, 'line' | 'text' | 'steps'>;

/** What a script shows: of each command what the command line shows, and who said it when that was a named client. */
export class ScriptOutput {
  readonly #streams: Streams;
  readonly #display: ScriptDisplay;
  readonly #options: OutputOptions;

  constructor(streams: Streams, display: ScriptDisplay, options: OutputOptions) {
    this.#streams = streams;
    this.#display = display;
    this.#options = options;
  }

  get json(): boolean {
    return this.#options.json;
  }

  watching<T>(doing: string, work: (says: (doing: string) => void) => Promise<T>): Promise<T> {
    return this.#display.watching(doing, work);
  }

  begin({ text, steps = [] }: Placed, client: string | null): void {
    const { echo, json } = this.#options;
    if (!echo || json) return;
    const prefix = `> ${prefixOf(client)}`;
    const block = steps.map((step, at) => (at < steps.length - 1 ? `  ${step}` : step));
    this.#streams.out([text, ...block].map((line) => `${prefix}${line}\n`).join(''));
  }

  /** What a command shows before it is over. */
  told(placed: Placed, client: string | null, line: string, document: unknown): void {
    if (this.#options.json) this.#line(placed, client, { event: document });
    else this.#streams.out(`${prefixOf(client)}${line}\n`);
  }

  outcome(placed: Placed, client: string | null, given: Given, outcome: OperationOutcome): void {
    const { json, where = 'script' } = this.#options;
    if (json) {
      const { answer } = outcome;
      const said = { ok: answer === 'yes', exitCode: exitCodes[answer] };
      this.#line(placed, client, { ...said, result: outcome.json() });
      return;
    }
    const page = outcome.page({ width: this.#display.width(), given, where });
    const { out, notes } = this.#display.layOut(page);
    for (const line of notes) this.#streams.err(`${prefixOf(client)}${line}`);
    if (out.length > 0) this.#streams.out(withPrefix(client, out));
  }

  /** One more expectation that holds, or the one that does not. */
  judged(source: string, placed: Placed, client: string | null, judgement: JudgedOutcome): void {
    const { holds, expected, seen, drawing } = judgement;
    if (this.#options.json) {
      this.#line(placed, client, { ok: holds, expected, seen });
    } else if (!holds) {
      const said = `${prefixOf(client)}${placed.text}`;
      for (const line of [
        `failed: ${source}:${placed.line}: ${said}`,
        `  expected: ${expected}`,
        `  seen: ${seen}`,
        ...(drawing.length === 0 ? [] : ['', ...drawing.map((row) => `  ${row}`)]),
      ]) {
        this.#streams.err(line);
      }
    }
  }

  /** In JSON, the line of a command that ended in an error; people are told at the end. */
  failed(placed: Placed, client: string | null, error: KvxError): void {
    if (!this.#options.json) return;
    const { error: document } = failureDocument(error) as { readonly error: unknown };
    this.#line(placed, client, { ok: false, error: document });
  }

  note(text: string): void {
    if (!this.#options.json) this.#streams.err(text);
  }

  #line({ line, text }: Placed, client: string | null, more: object): void {
    const named = client === null ? {} : { client };
    this.#streams.out(`${JSON.stringify({ line, ...named, command: text, ...more })}\n`);
  }
}

const prefixOf = (client: string | null): string => (client === null ? '' : `${client}: `);

const newline = 0x0a;

/** Says at the beginning of each line whose it is. */
function withPrefix(client: string | null, written: readonly (string | Uint8Array)[]): Uint8Array {
  const bytes = joinBytes(
    written.map((data) => (typeof data === 'string' ? encodeUtf8(data) : data)),
  );
  if (client === null) return bytes;
  const prefix = encodeUtf8(prefixOf(client));
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found + 1;
    pieces.push(prefix, bytes.subarray(start, end));
    start = end;
  }
  return joinBytes(pieces);
}

/** An error that says where in the script it came up. */
export function placedError(source: string, { line, text }: Placed, error: KvxError): KvxError {
  const { code, definite, hint } = error;
  return new KvxError(`${source}:${line}: ${text}: ${error.message}`, { code, definite, hint });
}
