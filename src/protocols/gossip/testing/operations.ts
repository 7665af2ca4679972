/** Short words for tests of this mode. */
import type { ClientResult, SessionFloor } from '../../../core/operation.js';
import type { Version } from '../../../core/version.js';
import { textOf } from '../../testing/operations.js';

export const stabilize = { type: 'stabilize' } as const;

/** What a session sends along. */
export const floor = (version: Version | null, stamp = 0): SessionFloor => ({ version, stamp });

export function versionOf(result: ClientResult): Version | null {
  return result.type === 'value' || result.type === 'done' || result.type === 'refused'
    ? result.version
    : null;
}

/** The result in a word or two, with what a stabilize reached or an error's message. */
export function show(result: ClientResult | null): string {
  switch (result?.type) {
    case undefined:
      return 'no answer';
    case 'value':
      return `value ${textOf(result.value)}`;
    case 'done':
      return `done, ${result.existed ? 'existed' : 'new'}`;
    case 'committed':
      return 'committed';
    case 'stabilized':
      return `stabilized ${result.nodes.join(' ')}`;
    case 'refused':
      return `refused: ${result.reason}, ${textOf(result.actual)}`;
    case 'error':
      return `${result.code}${result.definite ? ', definite' : ''}: ${result.message}`;
  }
}
