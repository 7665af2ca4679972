/** What a client needs of the world: nodes to talk to, and time. Sockets and the simulator each have their own. */
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type {
  ClientResult,
  Level,
  Operation,
  SessionFloor,
  SessionStamp,
} from '../core/operation.js';
import type { NodeStatus, ScannedEntry } from '../runtime/links/client-frames.js';

export interface RequestOptions {
  /** `null`: the cluster's own. */
  readonly level: Level | null;
  readonly timeoutMs: Millis;
  /** Numbers this command, so that a retry of it can be told from a new one. */
  readonly session?: SessionStamp;
  /** What the client's session has seen already. */
  readonly floor?: SessionFloor;
}

export interface ScanOptions {
  readonly values: boolean;
  /** How long the node may stay silent. */
  readonly timeoutMs?: Millis;
}

/** A conversation with one node. All but `request` reject with a `KvxError`. */
export interface NodeConnection {
  readonly node: NodeId;
  readonly isOpen: boolean;
  /** What came of the operation. Never rejects: whatever goes wrong on the way is a result of type `error`. */
  request(operation: Operation, options: RequestOptions): Promise<ClientResult>;
  status(timeoutMs?: Millis): Promise<NodeStatus>;
  /** What this node itself holds under the key, tombstones too; `null` when it has never heard of it. */
  lookup(key: Key, timeoutMs?: Millis): Promise<ScannedEntry | null>;
  /**
   * Hands everything the node holds to `visit`, a few entries at a time as they arrive, tombstones too, in no
   * particular order.
   */
  scan(options: ScanOptions, visit: (entries: readonly ScannedEntry[]) => void): Promise<void>;
  close(): void;
}

/** Where one node serves its clients. */
export interface Endpoint {
  readonly node: NodeId;
  /** Rejects with a definite `unavailable` when nobody answers. */
  open(timeoutMs?: Millis): Promise<NodeConnection>;
}

/** Runs `work` with a connection to one node, and hangs up after it. */
export async function withConnection<T>(
  endpoint: Endpoint,
  work: (connection: NodeConnection) => Promise<T>,
  timeoutMs?: Millis,
): Promise<T> {
  const connection = await endpoint.open(timeoutMs);
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/** Time and chance, real or virtual. */
export interface Timing {
  /** Monotonic. */
  now(): Millis;
  /** Resolves early, without an error, when the signal aborts. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}
