/**
 * What an operation would do to a store: the one place where `insert`, `cas` and the steps of a transaction get their
 * meaning. Pure; called when a worker votes, and when it answers a read.
 */
import { unreachable } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import type {
  ClientResult,
  DataOperation,
  KeyOperation,
  Transaction,
  TransactionStep,
} from '../../core/operation.js';
import type { StoredEntry } from '../../core/replica.js';
import type { Version } from '../../core/version.js';
import { badRequest } from './operations.js';
import { bounds } from './options.js';
import type { Write } from './records.js';

export interface Evaluation {
  /** `null` when a precondition does not hold; then nothing is to be written. */
  readonly writes: readonly Write[] | null;
  /** What the client is to hear if this is the end of it. */
  readonly result: ClientResult;
}

type Lookup = (key: Key) => StoredEntry | undefined;

/** `version` is that of the transaction itself, which its writes will carry. */
export function evaluate(operation: DataOperation, version: Version, lookup: Lookup): Evaluation {
  return operation.type === 'txn'
    ? evaluateSteps(operation, version, lookup)
    : evaluateOne(operation, version, lookup(operation.key));
}

function evaluateOne(
  operation: KeyOperation,
  version: Version,
  held: StoredEntry | undefined,
): Evaluation {
  const actual = held?.value ?? null;
  const existed = actual !== null;
  const write = (value: Uint8Array | null): Evaluation => ({
    writes: [{ key: operation.key, value }],
    result: { type: 'done', version, existed },
  });
  switch (operation.type) {
    case 'get':
      return {
        writes: [],
        result: { type: 'value', value: actual, version: held?.version ?? null },
      };
    case 'put':
      return write(operation.value);
    case 'delete':
      return write(null);
    case 'insert':
      return existed ? refused('exists', held) : write(operation.value);
    case 'update':
      return existed ? write(operation.value) : refused('absent', held);
    case 'cas':
      return mismatch(operation.expected, held) ?? write(operation.value);
    default:
      return unreachable(operation, 'an operation that is none');
  }
}

/** Steps see what earlier steps of the same transaction have put. */
function evaluateSteps(transaction: Transaction, version: Version, lookup: Lookup): Evaluation {
  const written = new Map<Key, StoredEntry>();
  const values: (Uint8Array | null)[] = [];
  let valueBytes = 0;
  for (const step of transaction.steps) {
    const held = written.get(step.key) ?? lookup(step.key);
    switch (step.type) {
      case 'get':
        valueBytes += held?.value?.length ?? 0;
        values.push(held?.value ?? null);
        break;
      case 'check': {
        const failed = mismatch(step.expected, held);
        if (failed !== null) return failed;
        break;
      }
      default:
        written.set(step.key, { key: step.key, version, value: valueIn(step) });
    }
  }
  if (valueBytes > bounds.transactionBytesMax) {
    const limit = bounds.transactionBytesMax;
    return {
      writes: null,
      result: badRequest(`the gets of a transaction return at most ${limit} bytes`),
    };
  }
  const writes = [...written.values()].map(({ key, value }) => ({ key, value }));
  return { writes, result: { type: 'committed', version, values } };
}

function valueIn(step: Extract<TransactionStep, { type: 'put' | 'delete' }>): Uint8Array | null {
  return step.type === 'put' ? step.value : null;
}

function mismatch(expected: Uint8Array | null, held: StoredEntry | undefined): Evaluation | null {
  const actual = held?.value ?? null;
  if (expected === null) return actual === null ? null : refused('exists', held);
  if (actual === null) return refused('absent', held);
  return sameBytes(expected, actual) ? null : refused('different', held);
}

function refused(
  reason: 'exists' | 'absent' | 'different',
  held: StoredEntry | undefined,
): Evaluation {
  const actual = held?.value ?? null;
  return {
    writes: null,
    result: { type: 'refused', reason, actual, version: held?.version ?? null },
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
