import { closeSync, openSync, writeSync } from 'node:fs';
import { KvxError } from '../core/errors.js';
import type { LineSink } from './recorder.js';

/**
 * A new file, in the place of what was there. Writes at once: the system's cache takes it in microseconds, and nothing
 * waits in memory that would have to be bounded. Throws a definite {@link KvxError}: `bad-request` when there can be no
 * such file, `cluster` when it can't be written on.
 */
export class FileSink implements LineSink {
  readonly #path: string;
  readonly #file: number;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      throw new KvxError(`${path} can't be written: ${reasonOf(error)}`, {
        code: 'bad-request',
        definite: true,
      });
    }
  }

  write(lines: Uint8Array): void {
    this.#orFail(() => {
      for (let at = 0; at < lines.length; ) at += writeSync(this.#file, lines, at);
    });
  }

  close(): void {
    this.#orFail(() => closeSync(this.#file));
  }

  #orFail(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new KvxError(`the history in ${this.#path} is cut short: ${reasonOf(error)}`, {
        code: 'cluster',
        definite: true,
        hint: 'What was recorded took place; the file ends before it.',
      });
    }
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'ENOENT':
      return 'there is no such folder';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'this user may not write there';
    default:
      return message;
  }
}
