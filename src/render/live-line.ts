import type { Millis } from '../core/ids.js';
import { styleFor, wantsColour } from './output.js';

/** What of standard error it needs. */
export interface LineStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const redrawMs: Millis = 200;
const firstLineMs: Millis = 1000;
const nextLineMs: Millis = 5000;

/** One line of progress: redrawn in place on a terminal, elsewhere a new one now and then. */
export class LiveLine {
  readonly #describe: () => string;
  readonly #stream: LineStream;
  readonly #redraws: boolean;
  #timer: NodeJS.Timeout | undefined;
  #dueAt: Millis;

  constructor(describe: () => string, stream: LineStream = process.stderr, env = process.env) {
    this.#describe = describe;
    this.#stream = stream;
    this.#redraws = stream.isTTY === true && wantsColour(stream, env);
    this.#dueAt = performance.now() + this.#intervalMs;
  }

  get #intervalMs(): Millis {
    return this.#redraws ? redrawMs : nextLineMs;
  }

  /** From now on it is said by itself; work that leaves no time for timers calls {@link say} instead. */
  start(): this {
    this.#sayIn(this.#redraws ? redrawMs : firstLineMs);
    return this;
  }

  /** If it is time to. */
  say(): void {
    const now = performance.now();
    if (now < this.#dueAt) return;
    this.#dueAt = now + this.#intervalMs;
    this.#draw();
  }

  #sayIn(ms: Millis): void {
    this.#timer = setTimeout(() => {
      this.#draw();
      this.#sayIn(this.#intervalMs);
    }, ms);
  }

  #draw(): void {
    if (this.#redraws) {
      // A line that wraps could not be drawn over.
      const line = this.#describe().slice(0, (this.#stream.columns ?? 80) - 1);
      this.#stream.write(`\r\x1b[K${styleFor(this.#stream).dim(line)}`);
    } else this.#stream.write(`${this.#describe()}\n`);
  }

  /** Takes the line away where it was redrawn. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#redraws) this.#stream.write('\r\x1b[K');
  }
}
