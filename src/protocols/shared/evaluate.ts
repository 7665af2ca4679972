/**
 * What an operation would do to a store: the one place where `insert`, `update`, `cas` and the steps of a transaction get
 * their meaning, in every mode. Pure.
 */
import type { Key } from '../../core/key.js';
import { transactionLimits } from '../../core/limits.js';
import type {
  ClientResult,
  DataOperation,
  KeyOperation,
  Transaction,
} from '../../core/operation.js';
import type { StoredEntry } from '../../core/replica.js';
import { errorResult, sameBytes } from '../../core/results.js';
import type { Version } from '../../core/version.js';

/** What is held of a key: a value and its version, or a tombstone. */
export type Held = Pick<StoredEntry, 'version' | 'value'>;

export type Refused = Extract<ClientResult, { readonly type: 'refused' }>;

export interface KeyWrite {
  readonly key: Key;
  /** `null` deletes. */
  readonly value: Uint8Array | null;
}

export interface Evaluation {
  /** `null` when a precondition does not hold; then nothing is to be written. */
  readonly writes: readonly KeyWrite[] | null;
  /** What the client is to hear if this is the end of it. */
  readonly result: ClientResult;
}

/** Why the operation's condition does not hold over what is held, or `null` when it does, or there is none. */
export function refusedBy(operation: KeyOperation, held: Held | undefined | null): Refused | null {
  const actual = held?.value ?? null;
  switch (operation.type) {
    case 'get':
    case 'put':
    case 'delete':
      return null;
    case 'insert':
      return actual === null ? null : refused('exists', held);
    case 'update':
      return actual === null ? refused('absent', held) : null;
    case 'cas':
      return mismatch(operation.expected, held);
  }
}

/** What a write leaves in the store: `null` for a delete. */
export function valueToWrite(operation: KeyOperation): Uint8Array | null {
  return 'value' in operation ? operation.value : null;
}

/** `version` is that of the operation itself, which its writes will carry. */
export function evaluate(
  operation: DataOperation,
  version: Version,
  lookup: (key: Key) => Held | undefined,
): Evaluation {
  if (operation.type === 'txn') return evaluateSteps(operation, version, lookup);
  const held = lookup(operation.key);
  const actual = held?.value ?? null;
  if (operation.type === 'get') {
    const result = { type: 'value', value: actual, version: held?.version ?? null } as const;
    return { writes: [], result };
  }
  const refusal = refusedBy(operation, held);
  if (refusal !== null) return { writes: null, result: refusal };
  return {
    writes: [{ key: operation.key, value: valueToWrite(operation) }],
    result: { type: 'done', version, existed: actual !== null },
  };
}

/** Steps see what earlier steps of the same transaction have put; nothing is written until all of them have held. */
function evaluateSteps(
  { steps }: Transaction,
  version: Version,
  lookup: (key: Key) => Held | undefined,
): Evaluation {
  const written = new Map<Key, Held>();
  const values: (Uint8Array | null)[] = [];
  let bytes = 0;
  for (const step of steps) {
    const { key } = step;
    const held = written.get(key) ?? lookup(key);
    switch (step.type) {
      case 'get':
        values.push(held?.value ?? null);
        bytes += held?.value?.length ?? 0;
        break;
      case 'check': {
        const refusal = mismatch(step.expected, held);
        if (refusal !== null) return { writes: null, result: refusal };
        break;
      }
      case 'put':
        written.set(key, { version, value: step.value });
        break;
      case 'delete':
        written.set(key, { version, value: null });
    }
  }
  if (bytes > transactionLimits.readBytesMax) return { writes: null, result: readsTooMuch };
  const writes = [...written].map(([key, { value }]) => ({ key, value }));
  return { writes, result: { type: 'committed', version, values } };
}

const readsTooMuch = errorResult(
  'bad-request',
  true,
  `the gets of a transaction return at most ${transactionLimits.readBytesMax} bytes`,
);

function mismatch(expected: Uint8Array | null, held: Held | undefined | null): Refused | null {
  const actual = held?.value ?? null;
  if (sameBytes(expected, actual)) return null;
  if (expected === null) return refused('exists', held);
  return refused(actual === null ? 'absent' : 'different', held);
}

function refused(reason: Refused['reason'], held: Held | undefined | null): Refused {
  const { value: actual = null, version = null } = held ?? {};
  return { type: 'refused', reason, actual, version };
}
