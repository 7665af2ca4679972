/** About how many bytes operations and results take, on the wire or in memory. */
import { keyBytesMax, transactionLimits, valueBytesMax } from './limits.js';
import {
  type ClientResult,
  isAdmin,
  type KeyOperation,
  type Operation,
  type TransactionStep,
} from './operation.js';

/** What of it may be large. */
type Sized = (KeyOperation | TransactionStep) & {
  readonly value?: Uint8Array | null;
  readonly expected?: Uint8Array | null;
};

/** More than the names, numbers and framing of one step take. */
const overheadBytes = 32;

export function operationBytes(operation: Operation): number {
  if (isAdmin(operation)) return overheadBytes;
  if (operation.type !== 'txn') return stepBytes(operation);
  return operation.steps.reduce((bytes, step) => bytes + stepBytes(step), overheadBytes);
}

const stepBytes = ({ key, value, expected }: Sized): number =>
  key.length + overheadBytes + (value?.length ?? 0) + (expected?.length ?? 0);

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
  if (isAdmin(operation)) return null;
  if (operation.type !== 'txn') return stepProblem(operation);
  const { steps } = operation;
  const { stepsMax, bytesMax } = transactionLimits;
  if (steps.length > stepsMax) {
    return `the transaction has ${steps.length} steps, at most ${stepsMax}`;
  }
  let bytes = 0;
  for (const step of steps) {
    const problem = stepProblem(step);
    if (problem !== null) return problem;
    bytes += stepBytes(step);
  }
  return bytes > bytesMax ? `the transaction is ${bytes} bytes, at most ${bytesMax}` : null;
}

function stepProblem({ key, value, expected }: Sized): string | null {
  if (key.length === 0) return 'a key may not be empty';
  if (key.length > keyBytesMax) return `the key is ${key.length} bytes, at most ${keyBytesMax}`;
  const most = Math.max(value?.length ?? 0, expected?.length ?? 0);
  return most > valueBytesMax ? `the value is ${most} bytes, at most ${valueBytesMax}` : null;
}
