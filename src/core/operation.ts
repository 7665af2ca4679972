import type { ErrorCode } from './errors.js';
import type { Millis, NodeId, RequestId } from './ids.js';
import type { Key } from './key.js';
import type { Version } from './version.js';

/** What a client asks of the store. Not every mode serves every kind; each refuses by name what it does not have. */
export type Operation = DataOperation | AdminOperation;

/** What runs against the store, as opposed to what an operator asks. */
export type DataOperation = KeyOperation | Transaction;

/** About one key. Values are any bytes; `null` is absence. */
export type KeyOperation =
  | { readonly type: 'get'; readonly key: Key }
  | { readonly type: 'put'; readonly key: Key; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Key }
  /** Put only if the key is absent. */
  | { readonly type: 'insert'; readonly key: Key; readonly value: Uint8Array }
  /** Put only if the key is present. */
  | { readonly type: 'update'; readonly key: Key; readonly value: Uint8Array }
  /** Compare and set: `expected` of `null` creates only if absent, `value` of `null` deletes if equal. */
  | {
      readonly type: 'cas';
      readonly key: Key;
      readonly expected: Uint8Array | null;
      readonly value: Uint8Array | null;
    };

/** All of its steps in order, or none; no other operation sees or comes in between. */
export interface Transaction {
  readonly type: 'txn';
  readonly steps: readonly TransactionStep[];
}

export type TransactionStep =
  | { readonly type: 'get'; readonly key: Key }
  | { readonly type: 'put'; readonly key: Key; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: Key }
  /** The transaction is refused unless the key holds this value (`null`: is absent). */
  | { readonly type: 'check'; readonly key: Key; readonly expected: Uint8Array | null };

/** What an operator asks of the protocol. */
export type AdminOperation =
  /** One node more or less; done when the new membership is in force. */
  | { readonly type: 'reconfigure'; readonly change: 'add' | 'remove'; readonly node: NodeId }
  /** Sets what can be changed while running, on the node asked alone, until it restarts. */
  | { readonly type: 'tune'; readonly setting: 'fail-rate'; readonly value: number }
  /** Done when all nodes that this one can reach, over any chain, hold the same. */
  | { readonly type: 'stabilize' };

export function isAdmin(operation: Operation): operation is AdminOperation {
  const { type } = operation;
  return type === 'reconfigure' || type === 'tune' || type === 'stabilize';
}

/** How many, or which, replicas must take part. Each mode says which levels it has and refuses the others by name. */
export type Level = LevelName | number;
export type LevelName = 'one' | 'two' | 'quorum' | 'all' | 'local' | 'leader' | 'linearizable';

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
export interface SessionStamp {
  /** Random, unique to one client object. */
  readonly client: string;
  /** 1, 2, 3, … in the order of that client's commands. */
  readonly sequence: number;
}

/**
 * What a client session has seen, for modes whose replicas may be behind it (Terry et al., "Session Guarantees for
 * Weakly Consistent Replicated Data", PDIS 1994). A replica that can't keep to it answers `behind`.
 */
export interface SessionFloor {
  /** Of a get: the newest version of this key that the session wrote or read; the answer may not be older. */
  readonly version: Version | null;
  /** Of a write: it gets a greater stamp than this, 0 when the session asks for no such order. */
  readonly stamp: number;
}

/** What came of a request. */
export type ClientResult =
  /** Of a get: `value` is `null` when absent; `version` is `null` when nothing was ever there. */
  | { readonly type: 'value'; readonly value: Uint8Array | null; readonly version: Version | null }
  /** Of a write: it took effect. `existed`: whether the coordinator knew of a value before, `null` when it did not look. */
  | { readonly type: 'done'; readonly version: Version; readonly existed: boolean | null }
  /** Of a transaction: it took effect. `values`: what its gets saw, in order. */
  | {
      readonly type: 'committed';
      readonly version: Version;
      readonly values: readonly (Uint8Array | null)[];
    }
  /** A precondition did not hold; nothing was written. `actual` is what was there instead. */
  | {
      readonly type: 'refused';
      readonly reason: 'exists' | 'absent' | 'different';
      readonly actual: Uint8Array | null;
      readonly version: Version | null;
    }
  /** Of `stabilize`: these nodes, the one asked among them, hold the same. */
  | {
      readonly type: 'stabilized';
      readonly nodes: readonly NodeId[];
      /** How many times all of them had to be asked until nothing was left to send. */
      readonly rounds: number;
      /** Messages between nodes that it took. */
      readonly messages: number;
    }
  /** Anything else. `definite`: the operation surely did not happen and never will. */
  | {
      readonly type: 'error';
      readonly code: ErrorCode;
      readonly definite: boolean;
      readonly message: string;
    };
