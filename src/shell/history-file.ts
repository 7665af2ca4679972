/** What was typed into the shell, kept from one run to the next. */
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, stateHome } from '../cluster/state/environment.js';
import { makePrivateFolder, writeAtomically } from '../cluster/state/files.js';

export const historyLinesMax = 1000;
/** The file is cut back to its last lines when it has grown to as many times of them. */
const slack = 2;
const lineCharactersMax = 4096;
const fileBytesMax = 1024 * 1024;

/**
 * A file of lines, oldest first, for its owner alone. Each line is appended as soon as it is typed, so several shells may
 * share it. A history that can't be kept is no reason to stop anybody: `problem` says why, once.
 */
export class HistoryFile {
  readonly #file: string;
  readonly #env: Environment;
  #last: string | null = null;
  problem: string | null = null;

  constructor(env: Environment = process.env) {
    this.#env = env;
    this.#file = join(stateHome(env), 'shell_history');
  }

  /** Newest first, as `node:readline` wants them. */
  load(): string[] {
    const lines = this.#attempt(() => readLines(this.#file)) ?? [];
    const kept = lines.slice(-historyLinesMax);
    if (lines.length > slack * historyLinesMax) {
      this.#attempt(() => writeAtomically(this.#file, `${kept.join('\n')}\n`));
    }
    this.#last = kept[kept.length - 1] ?? null;
    return [...new Set(kept.reverse())];
  }

  /** A line that begins with a blank is not kept, as in other shells: it may hold a secret. */
  add(line: string): void {
    const isWorthIt = /^\S/.test(line) && line !== this.#last && line.length <= lineCharactersMax;
    if (!isWorthIt) return;
    this.#last = line;
    this.#attempt(() => {
      makePrivateFolder(stateHome(this.#env));
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    });
  }

  #attempt<T>(work: () => T): T | null {
    if (this.problem !== null) return null;
    try {
      return work();
    } catch (error) {
      this.problem = `the history is not kept: ${(error as Error).message}`;
      return null;
    }
  }
}

/** As many of its last lines as a sane history has; none when there is no file. */
function readLines(file: string): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const start = Math.max(0, size - fileBytesMax);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(descriptor, bytes, 0, bytes.length, start);
    const lines = bytes.toString('utf8', 0, read).split('\n');
    return (start === 0 ? lines : lines.slice(1)).filter((line) => line !== '');
  } finally {
    closeSync(descriptor);
  }
}
