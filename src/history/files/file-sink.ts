import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { KvxError } from '../../core/errors.js';
import { writeProblem } from '../../core/write-problem.js';
import type { LineSink } from '../recorder/json-lines.js';

/** As much waits in memory: some hundred thousand operations. */
const waitingBytesMax = 64 * 1024 * 1024;

const newline = 0x0a;

/**
 * A new file, in the place of what was there. Lines wait in memory until there are many, or until the end: a node that
 * syncs its journal has to wait for all that the file system has not yet written, of other files, too. Throws a definite
 * {@link KvxError}: `bad-request` when there can be no such file, `cluster` when it can't be written on.
 */
export class FileSink implements LineSink {
  readonly #path: string;
  readonly #what: string;
  readonly #file: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #writtenBytes = 0;
  /** Where the last line that is whole ends in the file. */
  #wholeBytes = 0;

  /** `what` it is, for messages. */
  constructor(path: string, what = 'the history') {
    this.#path = path;
    this.#what = what;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw new KvxError(`${path} can't be written: ${writeProblem(error)}`, {
        code: 'bad-request',
        definite: true,
      });
    }
  }

  write(lines: Uint8Array): void {
    // A copy. `lines.slice()` would be none: of a Buffer it is a view of the same bytes.
    this.#waiting.push(new Uint8Array(lines));
    this.#waitingBytes += lines.length;
    if (this.#waitingBytes >= waitingBytesMax) this.flush();
  }

  close(): void {
    try {
      this.flush();
    } finally {
      this.#orFail(() => closeSync(this.#file));
    }
  }

  /** What waits is in the file then. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#orFail(() => {
      try {
        for (const lines of waiting) this.#append(lines);
      } catch (error) {
        // What is there is a history only without the line that was cut in two.
        if (fstatSync(this.#file).isFile()) ftruncateSync(this.#file, this.#wholeBytes);
        throw error;
      }
    });
  }

  #append(lines: Uint8Array): void {
    for (let at = 0; at < lines.length; ) {
      const count = writeSync(this.#file, lines, at);
      const lastNewline = lines.lastIndexOf(newline, at + count - 1);
      if (lastNewline >= at) this.#wholeBytes = this.#writtenBytes + lastNewline - at + 1;
      this.#writtenBytes += count;
      at += count;
    }
  }

  #orFail(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new KvxError(`${this.#what} in ${this.#path} is cut short: ${writeProblem(error)}`, {
        code: 'cluster',
        definite: true,
        hint: 'The lines that are in it are whole; what happened after them is not recorded.',
      });
    }
  }
}
