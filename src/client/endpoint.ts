/** What a client needs of the world: nodes to talk to, and time. Sockets and the simulator each have their own. */
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type {
  ClientResult,
  Level,
  Operation,
  SessionFloor,
  SessionStamp,
} from '../core/operation.js';
import type { KeyPage, NodeStatus, ScannedEntry } from '../runtime/links/client-frames.js';

export interface RequestOptions {
  /** `null`: the cluster's own. */
  readonly level: Level | null;
  readonly timeoutMs: Millis;
  /** Numbers this command, so that a retry of it can be told from a new one. */
  readonly session: SessionStamp | null;
  /** What the client's session has seen already. */
  readonly floor: SessionFloor | null;
}

/** Who asked. */
export interface Requester {
  /** Called once, perhaps before the call that asked has returned. */
  answered(result: ClientResult): void;
}

export interface ScanOptions {
  readonly values: boolean;
  /** How long the node may stay silent. */
  readonly timeoutMs?: Millis;
}

/** A conversation with one node. What returns a promise rejects with a `KvxError`. */
export interface NodeConnection {
  readonly node: NodeId;
  readonly isOpen: boolean;
  /** Whatever goes wrong on the way is a result of type `error`. Does not keep `options`. */
  request(operation: Operation, options: RequestOptions, requester: Requester): void;
  status(timeoutMs?: Millis): Promise<NodeStatus>;
  /** What this node itself holds under the key, tombstones too; `null` when it has never heard of it. */
  lookup(key: Key, timeoutMs?: Millis): Promise<ScannedEntry | null>;
  /**
   * Hands everything the node holds to `visit`, a few entries at a time as they arrive, tombstones too, in no
   * particular order.
   */
  scan(options: ScanOptions, visit: (entries: readonly ScannedEntry[]) => void): Promise<void>;
  /** About so many keys of those that the node holds, from a position on. */
  page(position: number, count: number, timeoutMs?: Millis): Promise<KeyPage>;
  /** Calls back with the node that leads, whenever this one says so. */
  onLeader(hear: (leader: NodeId) => void): void;
  close(): void;
}

/** Where one node serves its clients. */
export interface Endpoint {
  readonly node: NodeId;
  /** Calls `connected` once; with a definite `unavailable` when nobody answers. */
  connect(timeoutMs: Millis, connected: (outcome: NodeConnection | KvxError) => void): void;
  /** As {@link connect}; rejects with the error. */
  open(timeoutMs?: Millis): Promise<NodeConnection>;
}

/** The promise around `connect`. */
export const openedBy =
  (timing: Timing, connect: Endpoint['connect'], timeoutMsDefault: Millis): Endpoint['open'] =>
  (timeoutMs = timeoutMsDefault) =>
    timing.wait((resolve, reject) =>
      connect(timeoutMs, (outcome) =>
        outcome instanceof KvxError ? reject(outcome) : resolve(outcome),
      ),
    );

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

/** What comes of one request, for those who ask one node and no client. */
export function requestOnce(
  connection: NodeConnection,
  timing: Timing,
  operation: Operation,
  options: Pick<RequestOptions, 'timeoutMs'> & Partial<RequestOptions>,
): Promise<ClientResult> {
  const all = { level: null, session: null, floor: null, ...options };
  return timing.wait((answered) => connection.request(operation, all, { answered }));
}

/** Time and chance, real or virtual. */
export interface Timing {
  /** Monotonic. */
  now(): Millis;
  /** From 0 to below 1. */
  random(): number;
  /** Calls `run` after so long, unless the function that it returns is called before. */
  after(ms: Millis, run: () => void): () => void;
  /** What `begin` calls back with, once. Virtual time stands still while whoever has waited goes on. */
  wait<T>(
    begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T>;
  /** Resolves early, without an error, when the signal aborts. */
  sleep(ms: Millis, signal?: AbortSignal): Promise<void>;
}
