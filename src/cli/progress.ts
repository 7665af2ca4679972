import { note } from '../render/output.js';

/** Says on standard error what is being waited for, once that takes longer than a second, and then every few. */
export class Progress {
  readonly #describe: () => string;
  #timer: NodeJS.Timeout;

  constructor(describe: () => string) {
    this.#describe = describe;
    this.#timer = setTimeout(() => this.#say(), 1000);
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #say(): void {
    note(`${this.#describe()}…`);
    this.#timer = setTimeout(() => this.#say(), 5000);
  }
}

/** Runs `work`; what it waits for is said as {@link Progress} does. */
export async function withProgress<T>(describe: () => string, work: () => Promise<T>): Promise<T> {
  const progress = new Progress(describe);
  try {
    return await work();
  } finally {
    progress.end();
  }
}
