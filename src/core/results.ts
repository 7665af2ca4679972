/** Results that are the same wherever they are made. */
import { textOfBytes } from './bytes.js';
import type { ErrorCode } from './errors.js';
import type { NodeId } from './ids.js';
import type { ClientResult } from './operation.js';

export type ErrorResult = Extract<ClientResult, { readonly type: 'error' }>;

/** `definite`: the operation surely did not happen and never will. */
export function errorResult(code: ErrorCode, definite: boolean, message: string): ErrorResult {
  return { type: 'error', code, definite, message };
}

export function badRequest(message: string): ErrorResult {
  return errorResult('bad-request', true, message);
}

/** `node` has a bound, and this request is past it. */
export function overloaded(node: NodeId): ErrorResult {
  return errorResult('overloaded', true, `${node} has too many requests under way`);
}

/** It surely did not happen, and is not the client's fault. */
export function unavailable(message: string): ErrorResult {
  return errorResult('unavailable', true, message);
}

/** It may have happened, or happen yet. */
export function timedOut(message: string): ErrorResult {
  return errorResult('timeout', false, message);
}

export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null || a.length !== b.length) return a === b;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** A result in a word or two. */
export function said(result: ClientResult | null): string {
  switch (result?.type) {
    case undefined:
      return 'nothing yet';
    case 'value':
      return `value ${shown(result.value)}`;
    case 'done':
    case 'stabilized':
      return result.type;
    case 'committed':
      return `committed ${result.values.map(shown).join(' ')}`.trimEnd();
    case 'refused':
      return `refused ${result.reason} ${shown(result.actual)}`;
    case 'error':
      return `${result.definite ? 'definite' : 'indefinite'} ${result.code}`;
  }
}

const shown = (value: Uint8Array | null): string | null => value && textOfBytes(value);
