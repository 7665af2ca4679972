/** The words of a command, read. */
import { integerOf } from './arguments.js';
import { type Command, CommandError } from './command.js';
import type { Words } from './parser.js';

export const syntaxError = (): CommandError => new CommandError('ERR syntax error');

/** Those that name keys. */
export function keyWordsOf({ keys: [first, last, step] }: Command, words: Words): Words {
  if (first === 0) return [];
  const end = last < 0 ? words.length + last : Math.min(last, words.length - 1);
  const found: Uint8Array[] = [];
  for (let at = first; at <= end; at += step) found.push(words[at] as Uint8Array);
  return found;
}

/** One character (0 to 255) a byte. */
export function textOfWord(word: Uint8Array): string {
  let text = '';
  for (const byte of word) text += String.fromCharCode(byte);
  return text;
}

/** For words that are looked up; of long ones only the beginning. */
export const upperWord = (word: Uint8Array): string =>
  textOfWord(word.subarray(0, 128)).toUpperCase();

/** See {@link integerOf}; `problem` is what is said of what is none. */
export function integerWord(word: Uint8Array, problem?: string): number {
  try {
    return Number(integerOf(word));
  } catch (error) {
    if (problem === undefined || !(error instanceof CommandError)) throw error;
    throw new CommandError(`ERR ${problem}`);
  }
}

/** What `ON` and `OFF` say. Throws {@link CommandError}. */
export function switchWord(word: Uint8Array): boolean {
  const said = upperWord(word);
  if (said !== 'ON' && said !== 'OFF') throw syntaxError();
  return said === 'ON';
}
