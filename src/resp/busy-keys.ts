import type { Command } from './command.js';
import type { Words } from './parser.js';
import { keyWordsOf } from './words.js';

/** Keys by hashes of their bytes: two that share one wait for each other, which is rare and harms nobody. */
export type KeyHashes = readonly number[];

/** Of the keys that a command's words name. */
export const keyHashesOf = (command: Command, words: Words): KeyHashes =>
  keyWordsOf(command, words).map(hashOf);

/** FNV-1a (https://www.rfc-editor.org/rfc/rfc9923), in 32 bits with a sign. */
function hashOf(bytes: Uint8Array): number {
  let hash = -2128831035;
  for (let at = 0; at < bytes.length; at++) {
    hash = Math.imul(hash ^ (bytes[at] as number), 16777619);
  }
  return hash;
}

/** Which keys commands are at: one writes, or any number read. */
export class BusyKeys {
  /** How many read; -1: one writes. */
  readonly #users = new Map<number, number>();
  /**
   * -1: taken. Otherwise nothing is, and the key at this place is in the way: `stuckAt` the next time, since it mostly still is.
   */
  take(keys: KeyHashes, toRead: boolean, stuckAt: number): number {
    if (stuckAt >= 0 && !this.#isFree(keys[stuckAt] as number, toRead)) return stuckAt;
    for (let at = 0; at < keys.length; at++) {
      if (!this.#isFree(keys[at] as number, toRead)) return at;
    }
    for (const key of keys) this.#users.set(key, toRead ? (this.#users.get(key) ?? 0) + 1 : -1);
    return -1;
  }

  release(keys: KeyHashes): void {
    for (const key of keys) {
      const left = (this.#users.get(key) ?? 0) - 1;
      if (left > 0) this.#users.set(key, left);
      else this.#users.delete(key);
    }
  }

  #isFree(key: number, toRead: boolean): boolean {
    const users = this.#users.get(key);
    return users === undefined || (toRead && users > 0);
  }
}
