/** About how many bytes operations and results take, on the wire or in memory. */
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
