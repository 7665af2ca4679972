import { decodeUtf8, encodeUtf8 } from './utf8.js';

/**
 * Keys are byte strings, held as JavaScript strings with one character (0 to 255) a byte.
 *
 * That makes them usable in a Map, comparable with `<` in byte order, and as long as their bytes, whatever the bytes
 * are. An ASCII key looks like itself. The brand keeps a plain (UTF-16) string from being taken for a key by mistake:
 * text becomes a key only through {@link keyFromText}.
 */
export type Key = string & { readonly __brand: 'Key' };

/** So many bytes become text in one call, which takes half as long as one by one. */
const callBytesMax = 4096;

/** The key whose bytes are these. */
export function keyFromBytes(bytes: Uint8Array): Key {
  let text = '';
  for (let from = 0; from < bytes.length; from += callBytesMax) {
    const part = bytes.length <= callBytesMax ? bytes : bytes.subarray(from, from + callBytesMax);
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text as Key;
}

/** The key whose bytes are the UTF-8 form of `text`. */
export function keyFromText(text: string): Key {
  return isAscii(text) ? (text as Key) : keyFromBytes(encodeUtf8(text));
}

export function keyToBytes(key: Key): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let at = 0; at < key.length; at++) bytes[at] = key.charCodeAt(at);
  return bytes;
}

/** The key as text, or `null` when its bytes are not UTF-8. */
export function keyToText(key: Key): string | null {
  return isAscii(key) ? key : decodeUtf8(keyToBytes(key));
}

/** True when every character of `text` is one byte wide, which is what a {@link Key} is made of. */
export function isByteString(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
