import type { Millis } from '../core/ids.js';

/** What of standard error it needs. */
export interface LineStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface LiveLineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The line as it is now. */
  readonly describe: () => string;
}

const redrawMs: Millis = 200;
const firstLineMs: Millis = 1000;
const nextLineMs: Millis = 5000;

/** One line of progress: redrawn in place on a terminal, elsewhere a new one now and then. */
export class LiveLine {
  readonly #stream: LineStream;
  readonly #options: LiveLineOptions;
  readonly #redraws: boolean;
  #timer: NodeJS.Timeout;

  constructor(stream: LineStream, options: LiveLineOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#redraws = redraws(stream, options.env);
    this.#timer = setTimeout(() => this.#say(), this.#redraws ? redrawMs : firstLineMs);
  }

  /** Takes the line away where it was redrawn. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#redraws) this.#stream.write('\r\x1b[K');
  }

  #say(): void {
    const line = this.#options.describe();
    if (this.#redraws) {
      // A line that wraps could not be drawn over.
      this.#stream.write(`\r\x1b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
    } else this.#stream.write(`${line}\n`);
    this.#timer = setTimeout(() => this.#say(), this.#redraws ? redrawMs : nextLineMs);
  }
}

function redraws({ isTTY }: LineStream, env: LiveLineOptions['env']): boolean {
  return isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
