/** Keys and values as they are typed: words of UTF-8 text, or any bytes by a flag in place of the word. */
import * as Flags from '@oclif/core/flags';
import { type Key, keyFromBytes } from '../core/key.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import { oneLine } from '../core/show.js';
import { readStandardInput } from './standard-input.js';
import { usageError } from './values.js';

const hex = (name: string, description: string) =>
  Flags.string({
    description: `${description}, as hexadecimal bytes`,
    helpValue: 'HEX',
    env: name,
  });

const base64 = (name: string, description: string) =>
  Flags.string({ description: `${description}, in base64`, helpValue: 'BASE64', env: name });

export const keyBytesFlags = {
  'key-hex': hex('KVX_KEY_HEX', 'in place of KEY'),
  'key-base64': base64('KVX_KEY_BASE64', 'in place of KEY'),
};

export const valueBytesFlags = {
  value: Flags.string({
    description: "in place of the argument, as text; '' is an empty value",
    helpValue: 'TEXT',
    env: 'KVX_VALUE',
  }),
  'value-hex': hex('KVX_VALUE_HEX', 'the value'),
  'value-base64': base64('KVX_VALUE_BASE64', 'the value'),
};

export const oldBytesFlags = {
  'old-hex': hex('KVX_OLD_HEX', 'in place of OLD'),
  'old-base64': base64('KVX_OLD_BASE64', 'in place of OLD'),
};

export interface Typed {
  readonly bytes: Uint8Array;
  /** `-` alone, as an argument. */
  readonly isDash: boolean;
}

/**
 * What was typed for each of `names` (`key`, `value`, `old`), in their order: by its flag, or else by the next word;
 * `null` when neither is there. Throws a definite `bad-request` for what is no text or no bytes, and for words that are
 * left over.
 */
export function typedBytes<N extends string>(
  names: readonly N[],
  words: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): (Typed | null)[] {
  const left = [...words];
  const typed = names.map((name) => fromFlags(name, flags) ?? fromWord(name, left.shift()));
  if (left.length > 0) throw usageError(`too many arguments: ${oneLine(left.join(' '), 60)}`);
  return typed;
}

function fromFlags(name: string, flags: Readonly<Record<string, unknown>>): Typed | null {
  const given = [name, `${name}-hex`, `${name}-base64`].filter((flag) => flags[flag] !== undefined);
  const [flag, second] = given;
  if (flag === undefined) return null;
  if (second !== undefined) throw usageError(`--${flag} and --${second} say the same thing twice`);
  const text = String(flags[flag]);
  const bytes = flag === name ? textBytes(text, `--${name}`, name) : decoded(text, flag);
  return { bytes, isDash: false };
}

function fromWord(name: string, word: string | undefined): Typed | null {
  return word === undefined
    ? null
    : { bytes: textBytes(word, name.toUpperCase(), name), isDash: word === '-' };
}

/**
 * Node decodes arguments as UTF-8 and puts U+FFFD in the place of what is none. A word that has it may be another than
 * the one that was typed.
 */
function textBytes(text: string, what: string, name: string): Uint8Array {
  if (!text.includes('\ufffd')) return Buffer.from(text);
  throw usageError(
    `${what} is not UTF-8 text, or holds the character U+FFFD, which stands for such bytes`,
    `Give its bytes with --${name}-hex or --${name}-base64.`,
  );
}

function decoded(text: string, flag: string): Uint8Array {
  const isHex = flag.endsWith('-hex');
  const pattern = isHex
    ? /^(?:[0-9a-f]{2})*$/i
    : /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
  if (pattern.test(text)) return Buffer.from(text, isHex ? 'hex' : 'base64');
  const wanted = isHex ? 'two hexadecimal digits a byte' : 'base64';
  throw usageError(`--${flag} takes ${wanted}, not ${JSON.stringify(text.slice(0, 40))}`);
}

/** Throws a definite `bad-request` when there is none, or it can be no key. */
export function toKey(typed: Typed | null | undefined): Key {
  if (!typed) throw usageError('missing: KEY', 'Give it as the first argument, or with --key-hex.');
  const { bytes } = typed;
  if (bytes.length === 0) throw usageError('a key may not be empty');
  if (bytes.length > keyBytesMax) {
    throw usageError(`the key is ${bytes.length} bytes, at most ${keyBytesMax}`);
  }
  return keyFromBytes(bytes);
}

/** Throws a definite `bad-request` when there is none, or it is too large. */
export function toOldValue(typed: Typed | null | undefined): Uint8Array {
  if (!typed) throw usageError('missing: OLD', 'Give it as an argument, or with --old-hex.');
  return fitting(typed.bytes);
}

/**
 * `-`, or nothing: all of standard input, byte for byte. That must not be empty when nothing was typed: whoever forgot
 * the value in a script, whose standard input is often empty, does not mean to overwrite one with nothing.
 */
export async function toValue(
  typed: Typed | null | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (typed && !typed.isDash) return fitting(typed.bytes);
  const read = await readStandardInput('the value', valueBytesMax, signal);
  const value = fitting(read);
  if (value.length > 0 || typed) return value;
  throw usageError(
    'there is no value: none was given, and standard input is empty',
    "For an empty value give --value '', or - to take standard input as it is.",
  );
}

function fitting(value: Uint8Array | null): Uint8Array {
  if (value !== null && value.length <= valueBytesMax) return value;
  throw usageError(
    `the value is larger than ${valueBytesMax} bytes (1 MiB)`,
    'Nothing was written; split it over several keys.',
  );
}
