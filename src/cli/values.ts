/** What users type, turned into what kvx works with; each throws a `bad-request` KvxError (exit 64). */
import { parseDuration } from '../config/duration.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { type Key, keyFromText } from '../core/key.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { Level } from '../core/operation.js';
import { didYouMean } from '../core/suggest.js';
import { readStandardInput } from './standard-input.js';

export function usageError(message: string, hint?: string): KvxError {
  const details = { code: 'bad-request', definite: true } as const;
  return new KvxError(message, hint === undefined ? details : { ...details, hint });
}

export function toKey(text: string): Key {
  const key = keyFromText(text);
  if (key.length === 0) throw usageError('a key may not be empty');
  if (key.length > keyBytesMax) {
    throw usageError(`the key is ${key.length} bytes, at most ${keyBytesMax}`);
  }
  return key;
}

export function toDuration(text: string, flag: string): Millis {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw usageError(`${flag} must be a time such as 500ms, 5s or 2m, not ${JSON.stringify(text)}`);
}

/** Which levels there are, the node knows; here only that a number is one. */
export function toLevel(text: string | undefined): Level | null {
  if (text === undefined) return null;
  return (/^\d+$/.test(text) ? Number(text) : text) as Level;
}

export function toNode(text: string, nodes: readonly NodeId[]): NodeId {
  if (nodes.includes(text)) return text;
  const question = didYouMean(text, nodes);
  throw usageError(`there is no node ${JSON.stringify(text)}${question}`, nodeList(nodes));
}

function nodeList(nodes: readonly NodeId[]): string {
  return `The nodes are ${nodes.join(', ')}.`;
}

/** A value as typed; `-` or none at all: all of standard input, byte for byte. */
export async function toValue(text: string | undefined, signal: AbortSignal): Promise<Uint8Array> {
  const value =
    text === undefined || text === '-'
      ? await readStandardInput('the value', valueBytesMax, signal)
      : Buffer.from(text);
  if (value !== null && value.length <= valueBytesMax) return value;
  throw usageError(
    `the value is larger than ${valueBytesMax} bytes (1 MiB)`,
    'Nothing was written; split it over several keys.',
  );
}
