/**
 * Why a node stopped by itself, for whoever asks later. A node that stops for a full disk finds no room to write that down,
 * so the room is taken when it starts.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KvxError } from '../../core/errors.js';
import { makePrivateFolder, readIfThere, stateProblem, writeAll } from './files.js';

const roomBytes = 1024;

const fileOf = (folder: string, who: string): string => join(folder, 'run', `${who}.end`);

export class LastWords {
  readonly #file: string;

  /** What an earlier run said is gone. `who`: the node, or `daemon`. */
  constructor(folder: string, who: string) {
    this.#file = fileOf(folder, who);
    try {
      makePrivateFolder(dirname(this.#file));
      this.#write(constants.O_CREAT, '');
    } catch (error) {
      throw stateProblem(error, folder);
    }
  }

  /** Never throws: whoever speaks last has something worse to report. */
  say(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    const hint = error instanceof KvxError ? error.hint : undefined;
    const words = JSON.stringify({
      message: text.slice(0, 400),
      hint: hint?.slice(0, 300) ?? null,
    } satisfies Words);
    try {
      // In place, into blocks that the file has already.
      this.#write(0, words);
    } catch {
      // Then it ends without a word, which is said of it.
    }
  }

  #write(flags: number, text: string): void {
    const descriptor = openSync(
      this.#file,
      constants.O_WRONLY | constants.O_NOFOLLOW | flags,
      0o600,
    );
    try {
      const bytes = Buffer.alloc(roomBytes, ' ');
      bytes.write(text);
      writeAll(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  }
}

interface Words {
  readonly message: string;
  readonly hint: string | null;
}

/** `null` when it has said nothing since it last started. */
export function lastWordsOf(folder: string, who: string): Words | null {
  try {
    const text = readIfThere(fileOf(folder, who))?.trim();
    return text ? (JSON.parse(text) as Words) : null;
  } catch {
    return null;
  }
}
