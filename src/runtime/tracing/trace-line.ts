/** Events of a trace in files: one JSON object a line. */
import { toBase64 } from '../../core/base64.js';
import { isByteString, type Key, keyToBytes } from '../../core/key.js';
import { keyBytesMax } from '../../core/limits.js';
import type { TraceEvent } from '../../core/trace-event.js';
import { decodeUtf8 } from '../../core/utf8.js';

/** What a trace keeps of values, and of what is long for another reason. */
export const tracedMax = { valueBytes: 64, listItems: 32 } as const;

/**
 * The event without a line end. Byte strings are as in histories: text where they are UTF-8, else `{"base64":…}`. Values and
 * lists are cut, so that a line is bounded.
 */
export function traceLineOf(event: TraceEvent): string {
  return JSON.stringify(event, plainly);
}

function plainly(this: unknown, name: string, seen: unknown): unknown {
  // Not `seen`: some bytes have a toJSON of their own.
  const value = (this as Record<string, unknown>)[name];
  if (value instanceof Uint8Array) return textOf(value, tracedMax.valueBytes);
  if (typeof value === 'string') return keyOrText(value);
  if (Array.isArray(value) && value.length > tracedMax.listItems) {
    const more = value.length - tracedMax.listItems;
    return [...value.slice(0, tracedMax.listItems), `… and ${more} more`];
  }
  return seen;
}

function textOf(bytes: Uint8Array, bytesMax: number): unknown {
  const { length } = bytes;
  if (length <= bytesMax) return decodeUtf8(bytes) ?? { base64: toBase64(bytes) };
  let end = bytesMax;
  // Not in the middle of a character.
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const begin = bytes.slice(0, end);
  return `${decodeUtf8(begin) ?? toBase64(begin)}… (${length} bytes)`;
}

/** A key with a character beyond ASCII has one a byte; no other text looks like that. */
function keyOrText(text: string): unknown {
  return /[\u0080-\uffff]/.test(text) && isByteString(text)
    ? textOf(keyToBytes(text as Key), keyBytesMax)
    : text;
}
