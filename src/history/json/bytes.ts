/** Keys and values as they travel, in JSON. */
import { toBase64 } from '../../core/base64.js';
import { decodeUtf8 } from '../../core/utf8.js';

/** Text where the bytes are UTF-8, `{"base64":…}` where they are not, as everywhere in kvx's JSON. */
export function bytesToJsonText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  return text === null ? `{"base64":"${toBase64(bytes)}"}` : JSON.stringify(text);
}
