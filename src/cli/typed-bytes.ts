/** Keys and values as they are typed: words of UTF-8 text, or any bytes by a flag in place of the word. */

import { usageError } from '../core/errors.js';
import { valueBytesMax } from '../core/limits.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { ArgumentSpec, FlagSpec } from '../operations/arguments.js';
import { textFlag } from '../operations/flags.js';
import { readStandardInput } from './text-input.js';

/** The flags in place of arguments: `--value`, `--value-hex`, `--value-base64`. */
export const bytesFlags = (args: readonly ArgumentSpec[]): FlagSpec[] =>
  args.flatMap(({ name, flag, orInput }) => {
    if (flag === undefined) return [];
    const what = orInput ? 'the value' : `in place of ${name}`;
    const asText = "in place of the argument, as text; '' is an empty value";
    return [
      ...(orInput ? [textFlag(flag, 'TEXT', asText)] : []),
      textFlag(`${flag}-hex`, 'HEX', `${what}, as hexadecimal bytes`),
      textFlag(`${flag}-base64`, 'BASE64', `${what}, in base64`),
    ];
  });

/** What a flag says in place of an argument; `null`: none does. Throws a definite `bad-request` for what is no bytes. */
export function bytesFromFlags(
  { flag }: ArgumentSpec,
  typed: Readonly<Record<string, unknown>>,
): Uint8Array | null {
  if (flag === undefined) return null;
  const [given, second] = [flag, `${flag}-hex`, `${flag}-base64`].filter(
    (each) => typed[each] !== undefined,
  );
  if (given === undefined) return null;
  if (second !== undefined) throw usageError(`--${given} and --${second} say the same thing twice`);
  const text = String(typed[given]);
  return given === flag ? textBytes(text, `--${flag}`, flag) : decoded(text, given);
}

export const bytesFromWord = ({ name, flag }: ArgumentSpec, word: string): Uint8Array =>
  textBytes(word, name, flag);

/**
 * Node decodes arguments as UTF-8 and puts U+FFFD in the place of what is none. A word that has it may be another than
 * the one that was typed.
 */
function textBytes(text: string, what: string, flag: string | undefined): Uint8Array {
  if (flag === undefined || !text.includes('\ufffd')) return encodeUtf8(text);
  throw usageError(
    `${what} is not UTF-8 text, or holds the character U+FFFD, which stands for such bytes`,
    `Give its bytes with --${flag}-hex or --${flag}-base64.`,
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

/**
 * All of standard input, byte for byte, for a value. It must not be empty when nothing was typed: whoever forgot the value
 * in a script, whose standard input is often empty, does not mean to overwrite one with nothing.
 */
export async function valueFromInput(wasTyped: boolean, signal: AbortSignal): Promise<Uint8Array> {
  const value = await readStandardInput('the value', valueBytesMax, signal);
  if (value === null) {
    throw usageError(
      `the value is larger than ${valueBytesMax} bytes (1 MiB)`,
      'Nothing was written; split it over several keys.',
    );
  }
  if (value.length > 0 || wasTyped) return value;
  throw usageError(
    'there is no value: none was given, and standard input is empty',
    "For an empty value give --value '', or - to take standard input as it is.",
  );
}
