/** Keys and values as they travel, in JSON. */
import { isUtf8 } from 'node:buffer';
import type { Key } from '../core/key.js';

/** Text where the bytes are UTF-8, `{"base64":…}` where they are not, as everywhere in kvx's JSON. */
export function bytesToJsonText(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isPlain(buffer)) return `"${buffer.toString('latin1')}"`;
  if (isUtf8(buffer)) return JSON.stringify(buffer.toString('utf8'));
  return `{"base64":"${buffer.toString('base64')}"}`;
}

export const bytesOrNull = (bytes: Uint8Array | null): string =>
  bytes === null ? 'null' : bytesToJsonText(bytes);

export function keyToJsonText(key: Key): string {
  return isPlainText(key) ? `"${key}"` : bytesToJsonText(Buffer.from(key, 'latin1'));
}

/** Printable ASCII that JSON does not escape. */
const isPlainCode = (code: number): boolean =>
  code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c;

function isPlain(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (!isPlainCode(bytes[at] as number)) return false;
  return true;
}

function isPlainText(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isPlainCode(text.charCodeAt(at))) return false;
  return true;
}
