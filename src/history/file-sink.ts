import { closeSync, openSync, writeSync } from 'node:fs';
import { KvxError } from '../core/errors.js';
import type { LineSink } from './recorder.js';

/** As much waits in memory: some hundred thousand operations. */
const waitingBytesMax = 64 * 1024 * 1024;

/**
 * A new file, in the place of what was there. Lines wait in memory until there are many, or until the end: a node that
 * syncs its journal has to wait for all that the file system has not yet written, of other files, too. Throws a definite
 * {@link KvxError}: `bad-request` when there can be no such file, `cluster` when it can't be written on.
 */
export class FileSink implements LineSink {
  readonly #path: string;
  readonly #file: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

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
    this.#waiting.push(lines.slice());
    this.#waitingBytes += lines.length;
    if (this.#waitingBytes >= waitingBytesMax) this.#flush();
  }

  close(): void {
    try {
      this.#flush();
    } finally {
      this.#orFail(() => closeSync(this.#file));
    }
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#orFail(() => {
      for (const lines of waiting) {
        for (let at = 0; at < lines.length; ) at += writeSync(this.#file, lines, at);
      }
    });
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
