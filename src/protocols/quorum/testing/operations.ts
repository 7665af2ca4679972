/** Short words for tests: text in, text out. */
import { keyFromText } from '../../../core/key.js';
import type { ClientResult, KeyOperation } from '../../../core/operation.js';
import type { Envelope } from './cluster.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);
export const text = (value: Uint8Array | null | undefined): string | null =>
  value === null || value === undefined ? null : decoder.decode(value);

export const get = (key: string): KeyOperation => ({ type: 'get', key: keyFromText(key) });
export const put = (key: string, value: string): KeyOperation => ({
  type: 'put',
  key: keyFromText(key),
  value: bytes(value),
});
export const remove = (key: string): KeyOperation => ({ type: 'delete', key: keyFromText(key) });
export const insert = (key: string, value: string): KeyOperation => ({
  type: 'insert',
  key: keyFromText(key),
  value: bytes(value),
});
export const update = (key: string, value: string): KeyOperation => ({
  type: 'update',
  key: keyFromText(key),
  value: bytes(value),
});
export const cas = (key: string, expected: string | null, value: string | null): KeyOperation => ({
  type: 'cas',
  key: keyFromText(key),
  expected: expected === null ? null : bytes(expected),
  value: value === null ? null : bytes(value),
});

/** The result in a word or two, for assertions that read well. */
export function show(result: ClientResult | undefined): string {
  switch (result?.type) {
    case undefined:
      return 'no answer';
    case 'value':
      return `value ${text(result.value)}`;
    case 'done':
    case 'committed':
    case 'stabilized':
      return result.type;
    case 'refused':
      return `refused: ${result.reason}, ${text(result.actual)}`;
    case 'error':
      return `${result.code}${result.definite ? ', definite' : ''}: ${result.message}`;
  }
}

export const isType =
  (...types: readonly Envelope['message']['type'][]) =>
  (envelope: Envelope): boolean =>
    types.includes(envelope.message.type);
export const to =
  (...nodes: readonly string[]) =>
  (envelope: Envelope): boolean =>
    nodes.includes(envelope.to);
export const from =
  (...nodes: readonly string[]) =>
  (envelope: Envelope): boolean =>
    nodes.includes(envelope.from);
