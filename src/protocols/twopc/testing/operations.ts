/** Short forms for tests. */
import { keyFromText, keyToText } from '../../../core/key.js';
import type { ClientResult, Operation, TransactionStep } from '../../../core/operation.js';
import type { Harness } from './harness.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);
export const key = keyFromText;

export const get = (name: string): Operation & { type: 'get' } => ({ type: 'get', key: key(name) });
export const put = (name: string, value: string): Operation & { type: 'put' } => {
  return { type: 'put', key: key(name), value: bytes(value) };
};
export const remove = (name: string): Operation & { type: 'delete' } => {
  return { type: 'delete', key: key(name) };
};
export const check = (name: string, expected: string | null): TransactionStep => {
  return { type: 'check', key: key(name), expected: expected === null ? null : bytes(expected) };
};
export const txn = (...steps: (TransactionStep | Operation)[]): Operation => {
  return { type: 'txn', steps: steps as TransactionStep[] };
};

export function textOf(value: Uint8Array | null): string | null {
  return value === null ? null : decoder.decode(value);
}

/** A result in one word or two, to compare with. */
export function said(result: ClientResult | null): string {
  if (result === null) return 'nothing yet';
  switch (result.type) {
    case 'value':
      return `value ${textOf(result.value)}`;
    case 'done':
    case 'stabilized':
      return result.type;
    case 'committed':
      return `committed ${result.values.map(textOf).join(' ')}`.trimEnd();
    case 'refused':
      return `refused ${result.reason} ${textOf(result.actual)}`;
    case 'error':
      return `${result.definite ? 'definite' : 'indefinite'} ${result.code}`;
  }
}

/** What a node holds, tombstones left out, as `key=value` in the keys' order. */
export function contentsOf(harness: Harness, node: string): string {
  return [...harness.view(node).entries()]
    .filter((entry) => entry.value !== null)
    .map((entry) => `${keyToText(entry.key)}=${textOf(entry.value)}`)
    .sort()
    .join(' ');
}

export function factOf(harness: Harness, node: string, name: string): string | number | undefined {
  return harness.view(node).facts.find(([known]) => known === name)?.[1];
}
