import { KvxError } from '../core/errors.js';
import { failureDocument } from '../render/failure.js';
import { printingTo } from '../render/output.js';
import type { Judgement, Outcome } from './outcome.js';
import type { Statement } from './program.js';

/** Where a script's output goes. */
export interface Streams {
  out(data: string | Uint8Array): void;
  /** One line. */
  err(line: string): void;
}

export interface OutputOptions {
  /** One JSON document a command, a line each. */
  readonly json: boolean;
  /** Shows each command before it is done. */
  readonly echo: boolean;
}

type Placed = Pick<Statement, 'line' | 'text' | 'steps'>;

/** What a script shows: of each command what the command line shows, and who said it when that was a named client. */
export class ScriptOutput {
  readonly #streams: Streams;
  readonly #options: OutputOptions;

  constructor(streams: Streams, options: OutputOptions) {
    this.#streams = streams;
    this.#options = options;
  }

  begin({ text, steps = [] }: Placed, client: string | null): void {
    const { echo, json } = this.#options;
    if (!echo || json) return;
    const prefix = `> ${prefixOf(client)}`;
    const block = steps.map((step, at) => (at < steps.length - 1 ? `  ${step}` : step));
    this.#streams.out([text, ...block].map((line) => `${prefix}${line}\n`).join(''));
  }

  outcome(placed: Placed, client: string | null, outcome: Outcome): void {
    const { json } = this.#options;
    const written: (string | Uint8Array)[] = [];
    const notes: string[] = [];
    let document: unknown = null;
    const sink = {
      write: (data: string | Uint8Array) => written.push(data),
      json: (printed: unknown) => {
        document = printed;
      },
      note: (text: string) => notes.push(`${prefixOf(client)}${text}`),
    };
    printingTo(sink, () => outcome.print({ json }));
    // Not before: the stream may itself print, which must not come back here.
    for (const line of notes) this.#streams.err(line);
    if (json) this.#line(placed, client, { ok: outcome.failure === null, result: document });
    else if (written.length > 0) this.#streams.out(withPrefix(client, written));
  }

  /** One more expectation that holds, or the one that does not. */
  judged(source: string, placed: Placed, client: string | null, judgement: Judgement): void {
    const { holds, expected, seen } = judgement;
    if (this.#options.json) {
      this.#line(placed, client, { ok: holds, expected, seen });
    } else if (!holds) {
      const said = `${prefixOf(client)}${placed.text}`;
      for (const line of [
        `failed: ${source}:${placed.line}: ${said}`,
        `  expected: ${expected}`,
        `  seen: ${seen}`,
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
  const bytes = Buffer.concat(written.map((data) => Buffer.from(data as Uint8Array)));
  if (client === null) return bytes;
  const prefix = Buffer.from(prefixOf(client));
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found + 1;
    pieces.push(prefix, bytes.subarray(start, end));
    start = end;
  }
  return Buffer.concat(pieces);
}

/** An error that says where in the script it came up. */
export function placedError(source: string, { line, text }: Placed, error: KvxError): KvxError {
  const { code, definite, hint } = error;
  const message = `${source}:${line}: ${text}: ${error.message}`;
  return new KvxError(message, hint === undefined ? { code, definite } : { code, definite, hint });
}
