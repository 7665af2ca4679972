/** The interactive part of the shell: lines in, commands one after another, Ctrl-C, Tab and a history. */
import { clearScreenDown, createInterface, cursorTo, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { leavingWords } from '../coursework/words.js';
import { type Completion, candidatesOf } from './complete-line.js';

/** What is spoken in the shell. */
export interface Language {
  /** Before the cursor, without its mark: where commands go to, such as `dev quorum`. */
  place(): string;
  /** Whether what was typed so far needs more lines. */
  readonly isOpen: boolean;
  /** Forgets the lines of what is not complete yet. */
  drop(): void;
  /** Runs a line to its end, or takes it in. Prints what comes of it, failures too; rejects only because of a bug. */
  run(line: string, signal: AbortSignal): Promise<void>;
  complete(beforeCursor: string): Promise<Completion>;
}

export interface ConversationSetup {
  readonly input: Readable;
  readonly output: Writable & { readonly columns?: number };
  readonly language: Language;
  /** Newest first. */
  readonly history: string[];
  readonly onLine: (line: string) => void;
  /** Around the prompt. */
  readonly paint: (text: string) => string;
  readonly signal: AbortSignal;
}

/** Of every Interface, as Node's own REPL uses it: to the end of what is typed, on to a new row, and all is forgotten. */
interface Clearable {
  clearLine(): void;
}

/** Lines typed or pasted ahead while a command runs. */
const waitingMax = 10_000;

export class Conversation {
  readonly #setup: ConversationSetup;
  readonly #readline: Interface;
  readonly #ended: Promise<void>;
  readonly #waiting: string[] = [];
  #running: AbortController | null = null;
  #isOver = false;
  /** The last thing that happened was Ctrl-C on an empty line. */
  #wasInterrupted = false;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(setup: ConversationSetup) {
    this.#setup = setup;
    const { input, output, history, language, signal } = setup;
    this.#readline = createInterface({
      input,
      output,
      terminal: true,
      history,
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
        language.complete(line).then(
          (completion) => done(null, candidatesOf(completion)),
          () => done(null, [[], line]),
        );
      },
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#readline.on('line', (line) => this.#take(line));
    this.#readline.on('SIGINT', () => this.#interrupt());
    this.#readline.on('close', () => this.#leave());
    signal.addEventListener('abort', () => this.#readline.close(), { once: true });
  }

  /** Until the user leaves; a command that still runs is told to stop, and waited for. */
  async last(): Promise<void> {
    this.#ask();
    await this.#ended;
  }

  /** Prints without spoiling the line that is being typed. */
  print(text: string): void {
    const { output } = this.#setup;
    if (this.#running !== null || this.#isOver) output.write(text);
    else {
      cursorTo(output, 0);
      clearScreenDown(output);
      output.write(text);
      this.#readline.prompt(true);
    }
  }

  #ask(): void {
    this.#readline.setPrompt(this.#prompt());
    this.#readline.prompt();
  }

  #prompt(): string {
    const { language, paint } = this.#setup;
    return language.isOpen ? '… ' : `${paint(language.place())}> `;
  }

  #take(line: string): void {
    this.#wasInterrupted = false;
    this.#setup.onLine(line);
    if (this.#waiting.length < waitingMax) this.#waiting.push(line);
    if (this.#running === null) void this.#runWaiting();
  }

  async #runWaiting(): Promise<void> {
    const { language, output } = this.#setup;
    let wasWaiting = false;
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      // What was typed while another command ran is shown again, so that its output stands below it.
      if (wasWaiting) output.write(`${this.#prompt()}${line}\n`);
      wasWaiting = true;
      if (leavingWords.has(line.trim()) && !language.isOpen) {
        this.#readline.close();
        return;
      }
      const running = new AbortController();
      this.#running = running;
      try {
        await language.run(line, running.signal);
      } catch (error) {
        this.#fail(error);
        this.#readline.close();
        return;
      } finally {
        this.#running = null;
      }
      if (this.#isOver) break;
    }
    if (this.#isOver) this.#end();
    else this.#ask();
  }

  #interrupt(): void {
    const { language, output } = this.#setup;
    if (this.#running !== null) {
      this.#waiting.length = 0;
      output.write('^C\n');
      this.#running.abort();
      return;
    }
    const isIdle = this.#readline.line === '' && !language.isOpen;
    if (isIdle && this.#wasInterrupted) {
      this.#readline.close();
      return;
    }
    this.#wasInterrupted = isIdle;
    language.drop();
    (this.#readline as Interface & Clearable).clearLine();
    if (isIdle) output.write('Ctrl-C once more, or Ctrl-D, leaves.\n');
    this.#ask();
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#setup.output.write('\n');
    if (this.#running === null) this.#end();
    else this.#running.abort();
  }
}
