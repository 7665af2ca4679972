import type { ErrorCode } from './errors.js';
import type { Millis, RequestId } from './ids.js';
import type { Key } from './key.js';
import type { Version } from './version.js';

/** What a client asks of the store. Values are any bytes; `null` is absence. */
export type Operation =
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

/** How many, or which, replicas must take part. Each mode says which levels it has and refuses the others by name. */
export type Level = LevelName | number;
export type LevelName = 'one' | 'two' | 'quorum' | 'all' | 'local' | 'leader' | 'linearizable';

/** A client's request as a replica sees it. */
export interface ClientRequest {
  readonly id: RequestId;
  readonly operation: Operation;
  /** `null`: the cluster's own level. */
  readonly level: Level | null;
  /** From arrival at this node; past it the replica answers `timeout`. */
  readonly timeoutMs: Millis;
}

/** What came of a request. */
export type ClientResult =
  /** Of a get: `value` is `null` when absent; `version` is `null` when nothing was ever there. */
  | { readonly type: 'value'; readonly value: Uint8Array | null; readonly version: Version | null }
  /** Of a write: it took effect. `existed`: whether the coordinator knew of a value before, `null` when it did not look. */
  | { readonly type: 'done'; readonly version: Version; readonly existed: boolean | null }
  /** A precondition did not hold; nothing was written. `actual` is what was there instead. */
  | {
      readonly type: 'refused';
      readonly reason: 'exists' | 'absent' | 'different';
      readonly actual: Uint8Array | null;
      readonly version: Version | null;
    }
  /** Anything else. `definite`: the operation surely did not happen and never will. */
  | {
      readonly type: 'error';
      readonly code: ErrorCode;
      readonly definite: boolean;
      readonly message: string;
    };
