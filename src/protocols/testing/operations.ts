/** Short forms for tests of any mode. */

export { said } from '../../core/results.js';

import { type Key, keyFromText, keyToText } from '../../core/key.js';
import type { ClientResult, Operation, TransactionStep } from '../../core/operation.js';
import type { ReplicaView } from '../../core/replica.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);
export const key = keyFromText;

export function textOf(value: Uint8Array | null | undefined): string | null {
  return value === null || value === undefined ? null : decoder.decode(value);
}

/** What a get found, as text; `null` for absence. Throws for any other result. */
export function valueRead(result: ClientResult | null): string | null {
  if (result?.type !== 'value') throw new Error(`no value: ${JSON.stringify(result)}`);
  return textOf(result.value);
}

type Of<Type extends Operation['type']> = Extract<Operation, { type: Type }>;

export const get = (name: string): Of<'get'> => ({ type: 'get', key: key(name) });
export const put = (name: string, value: string): Of<'put'> => {
  return { type: 'put', key: key(name), value: bytes(value) };
};
export const remove = (name: string): Of<'delete'> => ({ type: 'delete', key: key(name) });
export const insert = (name: string, value: string): Of<'insert'> => {
  return { type: 'insert', key: key(name), value: bytes(value) };
};
export const update = (name: string, value: string): Of<'update'> => {
  return { type: 'update', key: key(name), value: bytes(value) };
};
const maybeBytes = (text: string | null) => (text === null ? null : bytes(text));
export const cas = (name: string, expected: string | null, value: string | null): Of<'cas'> => {
  return { type: 'cas', key: key(name), expected: maybeBytes(expected), value: maybeBytes(value) };
};
export const check = (name: string, expected: string | null): TransactionStep => {
  return { type: 'check', key: key(name), expected: maybeBytes(expected) };
};
export const txn = (...steps: (TransactionStep | Operation)[]): Operation => {
  return { type: 'txn', steps: steps as TransactionStep[] };
};

/** What a node holds, tombstones left out, as `key=value` in the keys' order. */
export function contentsOf(view: ReplicaView): string {
  return [...view.entries()]
    .filter((entry) => entry.value !== null)
    .map((entry) => `${keyToText(entry.key as Key)}=${textOf(entry.value)}`)
    .sort()
    .join(' ');
}
