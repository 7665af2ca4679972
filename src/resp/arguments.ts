/** Words of commands, checked as Redis checks them. All throw {@link CommandError}. */
import { type Key, keyFromBytes } from '../core/key.js';
import { keyBytesMax } from '../core/limits.js';
import { CommandError } from './command.js';
import { checkValueBytes } from './overlay.js';
import type { Words } from './parser.js';

/** Room for -9223372036854775808. */
const integerCharsMax = 20;
const integerPattern = /^(?:0|-?[1-9][0-9]*)$/;
const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

export function keyAt(words: Words, at: number): Key {
  const word = words[at] as Uint8Array;
  if (word.length === 0) throw new CommandError('ERR a key may not be empty');
  if (word.length <= keyBytesMax) return keyFromBytes(word);
  throw new CommandError(`ERR the key is ${word.length} bytes, at most ${keyBytesMax}`);
}

export function valueAt(words: Words, at: number): Uint8Array {
  const word = words[at] as Uint8Array;
  checkValueBytes(word.length);
  return word;
}

/** In capitals; of a word that is longer than any option, its beginning. */
export function optionAt(words: Words, at: number): string {
  return latin(words[at] as Uint8Array, 32).toUpperCase();
}

/** Of 64 bits, written in the one way in which Redis writes it. */
export function integerOf(bytes: Uint8Array): bigint {
  if (bytes.length > 0 && bytes.length <= integerCharsMax) {
    const text = latin(bytes, integerCharsMax);
    if (integerPattern.test(text)) {
      const value = BigInt(text);
      if (isInt64(value)) return value;
    }
  }
  throw new CommandError('ERR value is not an integer or out of range');
}

export const isInt64 = (value: bigint): boolean => value >= least && value <= most;

/** One character a byte. */
function latin(bytes: Uint8Array, charsMax: number): string {
  return String.fromCharCode(...bytes.subarray(0, charsMax));
}
