/** Keys and values are any bytes; terminals and JSON want text. */
import { toBase64 } from '../core/base64.js';
import { type Key, keyToBytes, keyToText } from '../core/key.js';
import { decodeUtf8 } from '../core/utf8.js';
import type { Version } from '../core/version.js';

/** Text where the bytes are UTF-8, `{base64}` where they are not. */
export type JsonBytes = string | { readonly base64: string };

export function bytesToJson(bytes: Uint8Array): JsonBytes {
  return decodeUtf8(bytes) ?? { base64: toBase64(bytes) };
}

/** `null` is absence. */
export const valueToJson = (value: Uint8Array | null): JsonBytes | null =>
  value === null ? null : bytesToJson(value);

export const keyToJson = (key: Key): JsonBytes => keyToText(key) ?? bytesToJson(keyToBytes(key));

/**
 * Bytes as one harmless piece of a line: what is not printable text is escaped as in C, so that no value can move the
 * cursor or pretend to be two lines.
 */
export function bytesToLine(bytes: Uint8Array, charactersMax = Number.POSITIVE_INFINITY): string {
  const decoded = bytesToJson(bytes);
  const line =
    typeof decoded === 'string'
      ? escapeControls(decoded)
      : [...bytes].map((byte) => (isPrintable(byte) ? asciiOf(byte) : hexOf(byte))).join('');
  if (line.length <= charactersMax) return line;
  return `${line.slice(0, charactersMax)}… (${bytes.length} bytes)`;
}

/**
 * As one word of a line, as scripts and transactions read it: in quotes when it is empty, or holds blanks or what would
 * begin a quote or a comment.
 */
export function bytesToWord(bytes: Uint8Array, charactersMax = Number.POSITIVE_INFINITY): string {
  const line = bytesToLine(bytes);
  const shown = line.slice(0, charactersMax);
  const isPlain = line !== '' && !/[ "]|^#/.test(line);
  const word = isPlain ? shown : `"${shown.replaceAll('"', '\\"')}"`;
  return shown.length < line.length ? `${word}… (${bytes.length} bytes)` : word;
}

export const keyToLine = (key: Key, charactersMax?: number): string =>
  bytesToLine(keyToBytes(key), charactersMax);

export const versionToLine = ({ stamp, node }: Version): string => `${stamp}@${node}`;

const named: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};

function escapeControls(text: string): string {
  // C0, DEL, C1, and what turns the direction of text around.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
  return text.replace(/[\\\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    const hex = code.toString(16);
    return named[character] ?? (code < 256 ? hexOf(code) : `\\u${hex.padStart(4, '0')}`);
  });
}

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f;
const asciiOf = (byte: number): string => (byte === 0x5c ? '\\\\' : String.fromCharCode(byte));
const hexOf = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;
