/** Keys and values as they travel, as texts and in JSON. */
import { toBase64 } from '../../core/base64.js';
import { decodeUtf8 } from '../../core/utf8.js';

/** As a history knows it: the text itself where the bytes are UTF-8, the text `{"base64":…}` where they are not. */
export const bytesToText = (bytes: Uint8Array): string => decodeUtf8(bytes) ?? base64Form(bytes);

/** Text where the bytes are UTF-8, `{"base64":…}` where they are not, as everywhere in kvx's JSON. */
export function bytesToJsonText(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  return text === null ? base64Form(bytes) : JSON.stringify(text);
}

const base64Form = (bytes: Uint8Array): string => `{"base64":"${toBase64(bytes)}"}`;
