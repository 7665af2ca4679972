/** Which keys an event is about: as text, or `{"base64":…}` where their bytes are none. */
import type { KnownEvent } from './recall.js';

/** Lists that may be of keys, which are not called so one by one. */
const keyLists: ReadonlySet<string> = new Set(['wanted', 'reads']);

export function isAbout({ typed, call }: KnownEvent, key: string): boolean {
  for (const each of keysIn(typed ?? call?.data.operation)) if (each === key) return true;
  return false;
}

/** The keys in a message, a record or an operation. */
export function* keysIn(data: unknown): Generator<string> {
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return;
  for (const [name, value] of Object.entries(data)) {
    if (name === 'key') yield keyName(value);
    else if (keyLists.has(name) && isKeys(value)) yield* value.map(keyName);
    else yield* keysIn(value);
  }
}

/** The values in a message, a record or an operation; with a key, not those that are of another. */
export function* valuesIn(data: unknown, key: string | null): Generator<unknown> {
  if (typeof data !== 'object' || data === null || data instanceof Uint8Array) return;
  if (key !== null && 'key' in data && keyName(data.key) !== key) return;
  for (const [name, value] of Object.entries(data)) {
    if (name === 'value') yield value;
    else yield* valuesIn(value, key);
  }
}

const isKeys = (value: unknown): value is unknown[] =>
  Array.isArray(value) && (typeof value[0] === 'string' || 'base64' in Object(value[0]));

const keyName = (key: unknown): string => (typeof key === 'string' ? key : JSON.stringify(key));
