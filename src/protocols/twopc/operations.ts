/**
 * The operations of clients, as they travel between coordinator and workers, and what can be told of one without a
 * store: which keys it locks, how large it is, whether it writes at all.
 */
import type { Key } from '../../core/key.js';
import {
  type ClientRequest,
  type ClientResult,
  type DataOperation,
  isAdmin,
  type KeyOperation,
  type Operation,
  type TransactionStep,
} from '../../core/operation.js';
import { operationVariants } from '../../core/operation-shapes.js';
import { type Shape, union } from '../../core/wire.js';
import { bounds } from './options.js';

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

/** More than the names, numbers and framing of one operation or step take. */
const overheadBytes = 64;

/** An upper estimate of what the operation takes in a message or in memory. */
export function bytesOfOperation(operation: Operation): number {
  if (operation.type === 'txn') {
    let bytes = overheadBytes;
    for (const step of operation.steps) bytes += bytesOfStep(step);
    return bytes;
  }
  if (isAdmin(operation)) return overheadBytes;
  return bytesOfStep(operation);
}

function bytesOfStep(step: KeyOperation | TransactionStep): number {
  let bytes = overheadBytes + step.key.length;
  if ('value' in step) bytes += step.value?.length ?? 0;
  if ('expected' in step) bytes += step.expected?.length ?? 0;
  return bytes;
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
  if (operation.steps.length > bounds.stepsMax) {
    return badRequest(`a transaction has at most ${bounds.stepsMax} steps`);
  }
  if (bytesOfOperation(operation) > bounds.transactionBytesMax) {
    return badRequest(`a transaction holds at most ${bounds.transactionBytesMax} bytes`);
  }
  return null;
}

export function badRequest(message: string): ClientResult {
  return { type: 'error', code: 'bad-request', definite: true, message };
}

/** It surely did not happen, and is not the client's fault. */
export function unavailable(message: string): ClientResult {
  return { type: 'error', code: 'unavailable', definite: true, message };
}

export function conflict(message: string): ClientResult {
  return { type: 'error', code: 'conflict', definite: true, message };
}

/** It may have happened, or happen yet. */
export function timedOut(message: string): ClientResult {
  return { type: 'error', code: 'timeout', definite: false, message };
}

/** As {@link bytesOfOperation}, for what comes back. */
export function bytesOfResult(result: ClientResult): number {
  switch (result.type) {
    case 'value':
      return overheadBytes + (result.value?.length ?? 0);
    case 'refused':
      return overheadBytes + (result.actual?.length ?? 0);
    case 'committed':
      return result.values.reduce((sum, held) => sum + 8 + (held?.length ?? 0), overheadBytes);
    case 'error':
      return overheadBytes + result.message.length;
    case 'done':
    case 'stabilized':
      return overheadBytes;
  }
}
