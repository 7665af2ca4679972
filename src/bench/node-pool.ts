import type { Endpoint, NodeConnection } from '../client/endpoint.js';
import { noneReachable } from '../client/lost.js';
import type { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, KeyOperation, Level, SessionStamp } from '../core/operation.js';

export interface PoolOptions {
  /** `null`: the cluster's own. */
  readonly level: Level | null;
  /** For one operation. */
  readonly timeoutMs: Millis;
}

interface Slot {
  readonly endpoint: Endpoint;
  connection: NodeConnection | null;
  /** `null` while nobody tries to connect. */
  opening: Promise<void> | null;
  /** Why the last attempt to connect failed. */
  problem: string;
  /** Not before then is it tried again. */
  retryAt: Millis;
}

const reopenMs = 100;

/**
 * One connection a node, shared by all logical clients. A client stays with one node, the clients in turn with each,
 * and goes to the next one while its own can't be reached.
 */
export class NodePool {
  readonly #slots: readonly Slot[];
  readonly #options: PoolOptions;
  /** By logical client. */
  readonly #askedLast: (NodeId | null)[] = [];
  #closed = false;

  /** Throws a definite `unavailable` when no node can be reached. */
  static async open(endpoints: readonly Endpoint[], options: PoolOptions): Promise<NodePool> {
    const pool = new NodePool(endpoints, options);
    await Promise.all(pool.#slots.map((slot) => pool.#reopen(slot)));
    if (pool.#slots.every(({ connection }) => connection === null)) throw pool.#nobody();
    return pool;
  }

  private constructor(endpoints: readonly Endpoint[], options: PoolOptions) {
    this.#options = options;
    this.#slots = endpoints.map((endpoint) => ({
      endpoint,
      connection: null,
      opening: null,
      problem: '',
      retryAt: 0,
    }));
  }

  /** What came of the operation. Never rejects, and tries nothing twice once it was sent. */
  execute(client: number, operation: KeyOperation, session?: SessionStamp): Promise<ClientResult> {
    const connection = this.#slots[client % this.#slots.length]?.connection;
    if (connection?.isOpen) return this.#ask(client, connection, operation, session);
    return this.#askElsewhere(client, operation, session);
  }

  /** Through which node the client's last operation went; `null`: there was none to be reached. */
  nodeOf(client: number): NodeId | null {
    return this.#askedLast[client] ?? null;
  }

  close(): void {
    this.#closed = true;
    for (const { connection } of this.#slots) connection?.close();
  }

  #ask(
    client: number,
    connection: NodeConnection,
    operation: KeyOperation,
    session: SessionStamp | undefined,
  ): Promise<ClientResult> {
    const options = this.#options;
    this.#askedLast[client] = connection.node;
    return connection.request(operation, session === undefined ? options : { ...options, session });
  }

  async #askElsewhere(
    client: number,
    operation: KeyOperation,
    session: SessionStamp | undefined,
  ): Promise<ClientResult> {
    const home = client % this.#slots.length;
    const turn = [...this.#slots.slice(home), ...this.#slots.slice(0, home)];
    const attempts = turn.filter(isGone).map((slot) => this.#reopen(slot));
    // With another node at hand, nobody waits for one that may be long in coming back.
    if (turn.every(isGone)) await Promise.all(attempts);
    const connection = turn.find((slot) => !isGone(slot))?.connection;
    if (connection) return this.#ask(client, connection, operation, session);
    this.#askedLast[client] = null;
    const { code, definite, message } = this.#nobody();
    return { type: 'error', code, definite, message };
  }

  #reopen(slot: Slot): Promise<void> {
    if (slot.opening !== null) return slot.opening;
    if (this.#closed || performance.now() < slot.retryAt) return Promise.resolve();
    slot.opening = this.#connect(slot).finally(() => {
      slot.opening = null;
    });
    return slot.opening;
  }

  async #connect(slot: Slot): Promise<void> {
    try {
      const connection = await slot.endpoint.open(this.#options.timeoutMs);
      slot.connection = connection;
      if (this.#closed) connection.close();
    } catch (error) {
      slot.problem = (error as Error).message;
      slot.retryAt = performance.now() + reopenMs;
    }
  }

  #nobody(): KvxError {
    const tried = this.#slots.map(({ endpoint }) => endpoint.node);
    return noneReachable(
      tried,
      this.#slots.map(({ problem }) => problem),
    );
  }
}

const isGone = ({ connection }: Slot): boolean => connection === null || !connection.isOpen;
