/** Short words for tests: text in, text out. */
import { keyFromText } from '../../../core/key.js';
import type { ClientResult, KeyOperation, SessionFloor } from '../../../core/operation.js';
import type { Version } from '../../../core/version.js';
import { text } from './cluster.js';

const encoder = new TextEncoder();

export const bytes = (value: string): Uint8Array => encoder.encode(value);
const bytesOrNull = (value: string | null) => (value === null ? null : bytes(value));

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
  expected: bytesOrNull(expected),
  value: bytesOrNull(value),
});

export const stabilize = { type: 'stabilize' } as const;

/** What a session sends along. */
export const floor = (version: Version | null, stamp = 0): SessionFloor => ({ version, stamp });

export function versionOf(result: ClientResult): Version | null {
  return result.type === 'value' || result.type === 'done' || result.type === 'refused'
    ? result.version
    : null;
}

/** The result in a word or two, for assertions that read well. */
export function show(result: ClientResult | undefined): string {
  switch (result?.type) {
    case undefined:
      return 'no answer';
    case 'value':
      return `value ${text(result.value)}`;
    case 'done':
      return `done, ${result.existed ? 'existed' : 'new'}`;
    case 'committed':
      return 'committed';
    case 'stabilized':
      return `stabilized ${result.nodes.join(' ')}`;
    case 'refused':
      return `refused: ${result.reason}, ${text(result.actual)}`;
    case 'error':
      return `${result.code}${result.definite ? ', definite' : ''}: ${result.message}`;
  }
}
