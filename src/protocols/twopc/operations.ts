/**
 * The operations of clients, as they travel between coordinator and workers, and what can be told of one without a
 * store: which keys it locks, how large it is, whether it writes at all.
 */

import { InvariantError } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import {
  type ClientResult,
  type DataOperation,
  type Operation,
  operationVariants,
} from '../../core/operation.js';
import { resultBytes } from '../../core/operation-bytes.js';
import { errorResult } from '../../core/results.js';
import { type Shaped, union } from '../../core/wire.js';

const { stabilize: _stabilize, ...takenVariants } = operationVariants;
const { reconfigure: _reconfigure, ...dataVariants } = takenVariants;
export const dataOperationShape = union(dataVariants);
/** What a coordinator takes, from its own clients or from those of a worker. */
export const takenOperationShape = union(takenVariants);
export type TakenOperation = Shaped<typeof takenOperationShape>;

/** The catalogue says that this mode has nothing else. */
export function taken(operation: Operation): TakenOperation {
  if (operation.type !== 'stabilize') return operation;
  throw new InvariantError(`the catalogue has let ${operation.type} through`);
}

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

export function conflict(message: string): ClientResult {
  return errorResult('conflict', true, message);
}

/** What a result takes in a message, with what stands around it. */
export function bytesOfResult(result: ClientResult): number {
  return 64 + resultBytes(result);
}
