/** What clients ask and are told, and how that travels: between clients and nodes, between nodes, and into journals. */
import { errorCodes } from './errors.js';
import type { Millis, RequestId } from './ids.js';
import * as wire from './wire.js';

const { key, value, name, count, version, nullable } = wire;
/** `null` is absence. */
const valueOrNull = nullable(value);

const transactionStep = wire.union({
  get: { key },
  put: { key, value },
  delete: { key },
  /** The transaction is refused unless the key holds this value (`null`: is absent). */
  check: { key, expected: valueOrNull },
});

export type TransactionStep = wire.Shaped<typeof transactionStep>;

/** About one key. Values are any bytes. */
const keyOperations = {
  get: { key },
  put: { key, value },
  delete: { key },
  /** Put only if the key is absent. */
  insert: { key, value },
  /** Put only if the key is present. */
  update: { key, value },
  /** Compare and set: `expected` of `null` creates only if absent, `value` of `null` deletes if equal. */
  cas: { key, expected: valueOrNull, value: valueOrNull },
} as const;

/** What an operator asks of the protocol. */
const adminOperations = {
  /** One node more or less; done when the new membership is in force. */
  reconfigure: { change: wire.oneOf('add', 'remove'), node: name },
  /** Done when all nodes that this one can reach, over any chain, hold the same. */
  stabilize: {},
} as const;

/** By kind, for shapes that carry only some of them. */
export const operationVariants = {
  ...keyOperations,
  /** All of its steps in order, or none; no other operation sees or comes in between. */
  txn: { steps: wire.list(transactionStep) },
  ...adminOperations,
} as const;

export const operationShape = wire.union(operationVariants);

/** What a client asks of the store. Not every mode serves every kind; each refuses by name what it does not have. */
export type Operation = wire.Shaped<typeof operationShape>;
export type KeyOperation = wire.OneOf<typeof keyOperations>;
export type Transaction = Extract<Operation, { readonly type: 'txn' }>;
export type AdminOperation = wire.OneOf<typeof adminOperations>;
/** What runs against the store, as opposed to what an operator asks. */
export type DataOperation = Exclude<Operation, { readonly type: keyof typeof adminOperations }>;

export function isAdmin(operation: Operation): operation is AdminOperation {
  const { type } = operation;
  return type === 'reconfigure' || type === 'stabilize';
}

/** How many, or which, replicas must take part. Each mode says which levels it has and refuses the others by name. */
export type Level = LevelName | number;
export type LevelName = 'one' | 'two' | 'quorum' | 'all' | 'local' | 'leader' | 'linearizable';

/** Which levels a mode has, the mode says; here only that it is a name or a small number. */
export const levelShape: wire.Shape<Level> = wire.plain(
  'a level',
  (raw) =>
    (typeof raw === 'string' && raw.length <= 32) ||
    (Number.isSafeInteger(raw) && (raw as number) >= 0),
);

/** A client's request as a replica sees it. */
export interface ClientRequest {
  readonly id: RequestId;
  readonly operation: Operation;
  /** `null`: the cluster's own level. */
  readonly level: Level | null;
  /** Lets a mode that promises exactly-once recognise a retry; `null` when the client does not number its commands. */
  readonly session: SessionStamp | null;
  /** What the client's session already knows; `null` when it asks without one. */
  readonly floor: SessionFloor | null;
  /** From arrival at this node; past it the replica answers `timeout`. */
  readonly timeoutMs: Millis;
}

/** Which client's command this is, and which of its commands; a retry carries the same stamp. */
export const stampShape = wire.struct({
  /** Random, unique to one client object. */
  client: name,
  /** 1, 2, 3, … in the order of that client's commands. */
  sequence: count,
});

export type SessionStamp = wire.Shaped<typeof stampShape>;

/**
 * What a client session has seen, for modes whose replicas may be behind it (Terry et al., "Session Guarantees for
 * Weakly Consistent Replicated Data", PDIS 1994). A replica that can't keep to it answers `behind`.
 */
export const floorShape = wire.struct({
  /** Of a get: the newest version of this key that the session wrote or read; the answer may not be older. */
  version: nullable(version),
  /** Of a write: it gets a greater stamp than this, 0 when the session asks for no such order. */
  stamp: count,
});

export type SessionFloor = wire.Shaped<typeof floorShape>;

/** What came of a request. */
export const resultShape = wire.union({
  /** Of a get: `value` is `null` when absent; `version` is `null` when nothing was ever there. */
  value: { value: valueOrNull, version: nullable(version) },
  /** Of a write: it took effect. `existed`: whether the coordinator knew of a value before, `null` when it did not look. */
  done: { version, existed: nullable(wire.boolean) },
  /** Of a transaction: it took effect. `values`: what its gets saw, in order. */
  committed: { version, values: wire.list(valueOrNull) },
  /** A precondition did not hold; nothing was written. `actual` is what was there instead. */
  refused: {
    reason: wire.oneOf('exists', 'absent', 'different'),
    actual: valueOrNull,
    version: nullable(version),
  },
  /**
   * Of `stabilize`: these nodes, the one asked among them, hold the same. All of them had to be asked in so many `rounds`
   * until nothing was left to send, which took so many `messages` between nodes.
   */
  stabilized: { nodes: wire.list(name), rounds: count, messages: count },
  /** Anything else. `definite`: the operation surely did not happen and never will. */
  error: { code: wire.oneOf(...errorCodes), definite: wire.boolean, message: wire.text },
});

export type ClientResult = wire.Shaped<typeof resultShape>;
