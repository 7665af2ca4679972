/** About how many bytes operations and results take, on the wire or in memory. */
import { keyBytesMax, transactionLimits, valueBytesMax } from './limits.js';
import type { ClientResult, KeyOperation, Operation, TransactionStep } from './operation.js';

type KeyStep = KeyOperation | TransactionStep;

/** More than the names, numbers and framing of one step take. */
const overheadBytes = 32;

export function operationBytes(operation: Operation): number {
  switch (operation.type) {
    case 'reconfigure':
    case 'tune':
    case 'stabilize':
      return overheadBytes;
    case 'txn':
      return operation.steps.reduce((bytes, step) => bytes + stepBytes(step), overheadBytes);
    default:
      return stepBytes(operation);
  }
}

export function stepBytes(step: KeyStep): number {
  const bytes = step.key.length + overheadBytes;
  switch (step.type) {
    case 'get':
    case 'delete':
      return bytes;
    case 'check':
      return bytes + (step.expected?.length ?? 0);
    case 'cas':
      return bytes + (step.expected?.length ?? 0) + (step.value?.length ?? 0);
    default:
      return bytes + step.value.length;
  }
}

/** The values that a result carries. */
export function resultBytes(result: ClientResult): number {
  switch (result.type) {
    case 'value':
      return result.value?.length ?? 0;
    case 'refused':
      return result.actual?.length ?? 0;
    case 'committed':
      return result.values.reduce((sum, value) => sum + 16 + (value?.length ?? 0), 0);
    case 'error':
      return result.message.length;
    case 'done':
    case 'stabilized':
      return 0;
  }
}

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

function transactionProblem(steps: readonly TransactionStep[]): string | null {
  const { stepsMax, bytesMax } = transactionLimits;
  if (steps.length > stepsMax)
    return `the transaction has ${steps.length} steps, at most ${stepsMax}`;
  let bytes = 0;
  for (const step of steps) {
    const problem = keyProblem(step.key.length) ?? valuesProblem(valuesOf(step));
    if (problem !== null) return problem;
    bytes += stepBytes(step);
  }
  if (bytes <= bytesMax) return null;
  return `the transaction is ${bytes} bytes, at most ${bytesMax}`;
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
