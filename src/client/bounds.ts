import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { Operation } from '../core/operation.js';

/** What one connection, or one client over all its connections, may have waiting; past it comes `overloaded`. */
export const clientLimits = {
  pendingMax: 65_536,
  /** Keys and values that wait to be written to the socket. */
  unsentBytesMax: 64 * 1024 * 1024,
} as const;

/** Why no node would take this operation, or `null` when its sizes are within bounds. */
export function sizeProblem(operation: Operation): string | null {
  const keyBytes = operation.key.length;
  if (keyBytes === 0) return 'a key may not be empty';
  if (keyBytes > keyBytesMax) return `the key is ${keyBytes} bytes, at most ${keyBytesMax}`;
  for (const value of valuesOf(operation)) {
    if (value.length > valueBytesMax) {
      return `the value is ${value.length} bytes, at most ${valueBytesMax}`;
    }
  }
  return null;
}

/** About how many bytes the operation takes on the wire. */
export function operationBytes(operation: Operation): number {
  let bytes = operation.key.length + 32;
  for (const value of valuesOf(operation)) bytes += value.length;
  return bytes;
}

function valuesOf(operation: Operation): readonly Uint8Array[] {
  switch (operation.type) {
    case 'get':
    case 'delete':
      return [];
    case 'cas':
      return [operation.expected, operation.value].filter((value) => value !== null);
    default:
      return [operation.value];
  }
}
