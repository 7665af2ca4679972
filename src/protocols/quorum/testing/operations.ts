/** Short words for tests of this mode. */
import type { ClientResult } from '../../../core/operation.js';
import { textOf } from '../../testing/operations.js';
import type { Envelope } from './cluster.js';

/** The result in a word or two, with an error's message. */
export function show(result: ClientResult | null): string {
  switch (result?.type) {
    case undefined:
      return 'no answer';
    case 'value':
      return `value ${textOf(result.value)}`;
    case 'done':
    case 'committed':
    case 'stabilized':
      return result.type;
    case 'refused':
      return `refused: ${result.reason}, ${textOf(result.actual)}`;
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
