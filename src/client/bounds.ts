import { frameBytesMax, keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { KeyOperation, Operation, TransactionStep } from '../core/operation.js';
import { stepBytes } from '../core/operation-bytes.js';

/** What one connection may have waiting; past it comes `overloaded`. */
export const clientLimits = {
  pendingMax: 65_536,
  /** Keys and values that wait to be written to the socket. */
  unsentBytesMax: 64 * 1024 * 1024,
  /** Written at a time, while the socket takes it. */
  sliceBytes: 256 * 1024,
} as const;

/** A transaction travels in one frame; the rest of the frame is for what stands around keys and values. */
const transactionBytesMax = frameBytesMax / 2;

/** Why no node would take this operation, or `null` when its sizes are within bounds. */
export function sizeProblem(operation: Operation): string | null {
  switch (operation.type) {
    case 'reconfigure':
    case 'tune':
    case 'stabilize':
      return null;
    case 'txn':
      return transactionProblem(operation.steps);
    default:
      return keyProblem(operation.key.length) ?? valuesProblem(valuesOf(operation));
  }
}

type KeyStep = KeyOperation | TransactionStep;

function transactionProblem(steps: readonly TransactionStep[]): string | null {
  let bytes = 0;
  for (const step of steps) {
    const problem = keyProblem(step.key.length) ?? valuesProblem(valuesOf(step));
    if (problem !== null) return problem;
    bytes += stepBytes(step);
  }
  if (bytes <= transactionBytesMax) return null;
  return `the transaction is ${bytes} bytes, at most ${transactionBytesMax}`;
}

function keyProblem(bytes: number): string | null {
  if (bytes === 0) return 'a key may not be empty';
  return bytes > keyBytesMax ? `the key is ${bytes} bytes, at most ${keyBytesMax}` : null;
}

function valuesProblem(values: readonly Uint8Array[]): string | null {
  const tooLong = values.find((value) => value.length > valueBytesMax);
  return tooLong === undefined
    ? null
    : `the value is ${tooLong.length} bytes, at most ${valueBytesMax}`;
}

function valuesOf(step: KeyStep): readonly Uint8Array[] {
  switch (step.type) {
    case 'get':
    case 'delete':
      return [];
    case 'check':
      return step.expected === null ? [] : [step.expected];
    case 'cas':
      return [step.expected, step.value].filter((value) => value !== null);
    default:
      return [step.value];
  }
}
