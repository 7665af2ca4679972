/** Keys and values as they travel, in JSON. */
import { isUtf8 } from 'node:buffer';

/** Text where the bytes are UTF-8, `{"base64":…}` where they are not, as everywhere in kvx's JSON. */
export function bytesToJsonText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return JSON.stringify(buffer.toString('utf8'));
  return `{"base64":"${buffer.toString('base64')}"}`;
}
