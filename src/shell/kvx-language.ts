import { setMaxListeners } from 'node:events';
import { ConfigError, type Problem } from '../config/problem.js';
import type { ClusterSpec } from '../config/spec.js';
import { KvxError } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { keyToText } from '../core/key.js';
import type { OperationHost } from '../operations/context.js';
import { modeTitle, profileOf } from '../protocols/catalog.js';
import { failureLines } from '../render/failure.js';
import { helpOn } from '../scenario/command-table.js';
import { isUnfinished, type ParseOptions, parseScript } from '../scenario/parser.js';
import { type Program, shellSource } from '../scenario/program.js';
import { Runner } from '../scenario/runner.js';
import { type ScriptDisplay, ScriptOutput, type Streams } from '../scenario/script-output.js';
import type { Target } from '../targets/target.js';
import type { Completion } from './complete-line.js';
import { completeLine } from './complete-line.js';
import type { Language } from './conversation.js';

export interface KvxLanguageSetup {
  readonly target: Target;
  /** The target's cluster was there before the shell, and has a name of its own. */
  readonly attached: boolean;
  /** What a script assumes of a cluster until there is one. */
  readonly spec: ClusterSpec;
  readonly streams: Streams;
  readonly display: ScriptDisplay;
  readonly host: OperationHost | null;
  readonly readConfig: ParseOptions['readConfig'];
}

/** The language of scenarios, typed: each line, or block of lines, is the next piece of one long script. */
export class KvxLanguage implements Language {
  readonly #setup: KvxLanguageSetup;
  /** To complete with: looked at when needed, and remembered for a few seconds. */
  #keys: { readonly found: readonly string[]; readonly at: Millis } | null = null;
  /** Lines of a block that has no `end` yet. */
  #lines: string[] = [];
  #piece: Piece;

  constructor(setup: KvxLanguageSetup) {
    this.#setup = setup;
    this.#piece = new Piece(setup);
  }

  get isOpen(): boolean {
    return this.#lines.length > 0;
  }

  place(): string {
    const { target, attached } = this.#setup;
    const { spec } = target;
    if (spec === null) return 'kvx';
    const name = attached ? spec.name : 'kvx';
    const client = this.#piece.runner.clients.now;
    return [name, modeTitle(spec.mode), ...(client === null ? [] : [client])].join(' ');
  }

  drop(): void {
    this.#lines = [];
  }

  async run(line: string, signal: AbortSignal): Promise<void> {
    const [first, ...topic] = line.trim().split(/\s+/);
    if (first === 'help' && !this.isOpen) {
      this.#setup.streams.out(helpOn(topic, this.#setup.display.width()));
      return;
    }
    this.#lines.push(line);
    const text = this.#lines.join('\n');
    const options = this.#options();
    if (isUnfinished(text, options)) return;
    this.#lines = [];
    try {
      const program = parseScript(text, options);
      const piece = this.#piece;
      await piece.run({ ...program, spec: null }, signal);
      if (signal.aborted) this.#piece = await this.#afterInterruption(piece);
    } catch (error) {
      this.#explain(error, text);
    } finally {
      // Something may have been written.
      this.#keys = null;
    }
  }

  complete(beforeCursor: string): Promise<Completion> {
    const { target } = this.#setup;
    const { spec } = target;
    const levels = spec === null ? null : profileOf(spec.mode).levels;
    return completeLine(beforeCursor, {
      nodes: spec?.nodes ?? [],
      clients: this.#piece.runner.clients.all,
      levels: levels ?? [],
      findKeys: () => this.#keysOf(target),
    });
  }

  close(): void {
    this.#piece.close();
  }

  async #keysOf(target: Target): Promise<readonly string[]> {
    const at = performance.now();
    if (this.#keys === null || at - this.#keys.at > freshMs) {
      this.#keys = { at, found: target.spec === null ? [] : await readKeys(target) };
    }
    return this.#keys.found;
  }

  #options(): ParseOptions {
    const { target, attached, spec, readConfig } = this.#setup;
    const clients = this.#piece.runner.clients.all;
    const isAssumed = target.spec === null;
    const files = readConfig === undefined ? {} : { readConfig };
    return {
      source: shellSource,
      spec: target.spec ?? spec,
      attached,
      clients,
      isAssumed,
      ...files,
    };
  }

  /** What was interrupted is left alone; whoever spoke goes on to. */
  async #afterInterruption(before: Piece): Promise<Piece> {
    const { now } = before.runner.clients;
    before.close();
    const piece = new Piece(this.#setup);
    if (now !== null) {
      const program = parseScript(`client ${now}`, this.#options());
      await piece.run({ ...program, spec: null }, new AbortController().signal);
    }
    return piece;
  }

  #explain(error: unknown, text: string): void {
    if (!(error instanceof KvxError) || error.code === 'bug') throw error;
    const { err } = this.#setup.streams;
    if (error instanceof ConfigError) {
      for (const problem of error.problems) err(this.#shown(problem, text));
      return;
    }
    for (const line of failureLines(error)) err(withoutPlace(line, text));
  }

  /** One line that was just typed stands above: there is room to point at it. */
  #shown({ line, column, message }: Problem, text: string): string {
    if (column === undefined) return message;
    if (text.includes('\n')) return `line ${line}, column ${column}: ${message}`;
    const pointer = `${' '.repeat(this.place().length + 2 + column - 1)}^ ${message}`;
    return pointer.length <= this.#setup.display.width() ? pointer : `column ${column}: ${message}`;
  }
}

/** One runner with what it prints: after an interruption it may still say something, and nobody wants to know. */
class Piece {
  readonly runner: Runner;
  readonly #closing = new AbortController();

  constructor({ target, streams, display, host }: KvxLanguageSetup) {
    const { signal } = this.#closing;
    // Every client that waits listens.
    setMaxListeners(0, signal);
    const heard: Streams = {
      out: (data) => {
        if (!signal.aborted) streams.out(data);
      },
      err: (line) => {
        if (!signal.aborted) streams.err(line);
      },
    };
    const output = new ScriptOutput(heard, display, { json: false, echo: false, where: 'shell' });
    this.runner = new Runner(target, output, signal, { host });
  }

  /** Until the program ends or `signal` aborts; then it is hung up on, and what it still comes to is lost. */
  async run(program: Program, signal: AbortSignal): Promise<void> {
    const stopped = new Promise<'stopped'>((resolve) => {
      if (signal.aborted) resolve('stopped');
      signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    const running = this.runner.run(program);
    running.catch(() => {});
    await Promise.race([running, stopped]);
  }

  close(): void {
    this.#closing.abort();
    this.runner.close();
  }
}

/** Whoever has just typed the line need not be told which it was. */
function withoutPlace(message: string, text: string): string {
  const begins = text
    .split('\n')
    .map((line, at) => `${shellSource}:${at + 1}: ${line.trim()}: `)
    .find((place) => message.startsWith(place));
  return begins === undefined ? message : message.slice(begins.length);
}

const keysMax = 10_000;
/** Nobody waits longer for the Tab key. */
const scanMsMax: Millis = 300;
const freshMs: Millis = 5_000;

/** Of the first node that answers and holds anything: a coordinator may keep no copy. */
async function readKeys(target: Target): Promise<readonly string[]> {
  for (const endpoint of target.endpoints()) {
    const keys: string[] = [];
    try {
      const connection = await endpoint.open(scanMsMax);
      try {
        await connection.scan({ values: false, timeoutMs: scanMsMax }, (entries) => {
          for (const { key, deleted } of entries) {
            const text = keyToText(key);
            if (!deleted && text !== null && /^[^\s"\\#]+$/.test(text)) keys.push(text);
          }
          if (keys.length >= keysMax) connection.close();
        });
      } finally {
        connection.close();
      }
    } catch {
      // It does not answer, or has said enough.
    }
    if (keys.length > 0) return keys.slice(0, keysMax);
  }
  return [];
}
