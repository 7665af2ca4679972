/**
 * The operations of clients, as they travel between coordinator and workers, and what can be told of one without a
 * store: which keys it locks, how large it is, whether it writes at all.
 */
import type { Key } from '../../core/key.js';
import { transactionLimits } from '../../core/limits.js';
import type { ClientRequest, ClientResult, DataOperation } from '../../core/operation.js';
import { operationBytes, resultBytes } from '../../core/operation-bytes.js';
import { operationVariants } from '../../core/operation-shapes.js';
import { badRequest, errorResult } from '../../core/results.js';
import { type Shape, union } from '../../core/wire.js';

const {
  reconfigure: _reconfigure,
  tune: _tune,
  stabilize: _stabilize,
  ...dataVariants
} = operationVariants;
export const dataOperationShape: Shape<DataOperation> = union<DataOperation>(dataVariants);

/** The keys that a transaction locks: shared for what it only reads, exclusively for what it may write. */
export interface Footprint {
  readonly reads: readonly Key[];
  readonly writes: readonly Key[];
}

const none: readonly Key[] = [];

export function footprintOf(operation: DataOperation): Footprint {
  if (operation.type === 'get') return { reads: [operation.key], writes: none };
  if (operation.type !== 'txn') return { reads: none, writes: [operation.key] };
  const reads = new Set<Key>();
  const writes = new Set<Key>();
  for (const step of operation.steps) {
    if (step.type === 'put' || step.type === 'delete') writes.add(step.key);
    else reads.add(step.key);
  }
  // A key that is both read and written is locked once, exclusively: a shared lock is never raised, so none deadlocks.
  for (const written of writes) reads.delete(written);
  return { reads: [...reads], writes: [...writes] };
}

export function isReadOnly(operation: DataOperation): boolean {
  if (operation.type !== 'txn') return operation.type === 'get';
  return operation.steps.every((step) => step.type === 'get' || step.type === 'check');
}

/** Why this mode does not take the request, or `null` when it does. */
export function refusalOf(request: ClientRequest): ClientResult | null {
  const { operation, level } = request;
  if (level !== null && level !== 'linearizable') {
    return badRequest(`mode 2pc has the level linearizable only, not ${JSON.stringify(level)}`);
  }
  if (operation.type === 'tune') return badRequest('mode 2pc has nothing to tune while it runs');
  if (operation.type === 'stabilize') return badRequest('mode 2pc has no stabilize');
  if (operation.type !== 'txn') return null;
  if (operation.steps.length > transactionLimits.stepsMax) {
    return badRequest(`a transaction has at most ${transactionLimits.stepsMax} steps`);
  }
  if (operationBytes(operation) > transactionLimits.bytesMax) {
    return badRequest(`a transaction holds at most ${transactionLimits.bytesMax} bytes`);
  }
  return null;
}

export function conflict(message: string): ClientResult {
  return errorResult('conflict', true, message);
}

/** What a result takes in a message, with what stands around it. */
export function bytesOfResult(result: ClientResult): number {
  return 64 + resultBytes(result);
}
