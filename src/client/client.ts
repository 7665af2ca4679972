import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type {
  ClientResult,
  Level,
  Operation,
  SessionStamp,
  TransactionStep,
} from '../core/operation.js';
import { Attempts } from './attempts.js';
import { Connection, type NodeAddress } from './connection.js';
import { noneReachable } from './lost.js';

export interface ClientOptions {
  /** Where to begin: `first` asks the addresses in their order, `spread` takes turns from a random one. */
  readonly start?: 'first' | 'spread';
  /** `null` or absent: the cluster's own. */
  readonly level?: Level | null;
  /** For one operation, connecting and further attempts included. */
  readonly timeoutMs?: Millis;
  /** The cluster's mode promises it: commands are numbered, and what is in doubt is tried again. */
  readonly exactlyOnce?: boolean;
}

/** Overrides for one operation. */
export interface OperationOptions {
  readonly level?: Level | null;
  readonly timeoutMs?: Millis;
  /** Instead of the client's own. */
  readonly session?: SessionStamp;
}

/** A result and the node that it came through; `null` when no node could be reached. */
export interface Answer {
  readonly node: NodeId | null;
  readonly result: ClientResult;
}

type Of<T extends ClientResult['type']> = Extract<ClientResult, { readonly type: T }> & {
  readonly node: NodeId;
};
export type ReadOutcome = Of<'value'>;
export type WriteOutcome = Of<'done'>;
export type RefusedOutcome = Of<'refused'>;
export type CommittedOutcome = Of<'committed'>;

export const timeoutMsDefault = 5_000;

interface NodeLink {
  readonly connecting: Promise<Connection>;
  /** `null` while connecting. */
  connection: Connection | null;
}

/** What every attempt at one operation has in common. */
interface Asking {
  readonly operation: Operation;
  readonly level: Level | null;
  readonly deadline: Millis;
}

/**
 * A client of a whole cluster. Connects when first needed, keeps one connection a node.
 *
 * An operation goes through one node. When that node can't be reached, and so surely nothing was sent, the next is
 * tried. Once something was sent, it is tried again only when that is safe, see {@link Attempts}.
 */
export class Client {
  readonly #addresses: readonly NodeAddress[];
  readonly #options: Required<ClientOptions>;
  readonly #links = new Map<NodeId, NodeLink>();
  readonly #name = randomBytes(9).toString('base64url');
  readonly #closing = new AbortController();
  #lastSequence = 0;
  #next: number;

  constructor(addresses: readonly NodeAddress[], options: ClientOptions = {}) {
    this.#addresses = addresses;
    this.#options = {
      start: 'spread',
      level: null,
      timeoutMs: timeoutMsDefault,
      exactlyOnce: false,
      ...options,
    };
    // Every operation that waits for its next attempt listens; there may be hundreds.
    setMaxListeners(0, this.#closing.signal);
    this.#next = this.#options.start === 'first' ? 0 : Math.floor(Math.random() * addresses.length);
  }

  /** Throws a {@link KvxError} when it is not known what the key holds. */
  async get(key: Key, options?: OperationOptions): Promise<ReadOutcome> {
    return settle(await this.execute({ type: 'get', key }, options), 'value');
  }

  /** This and the other writes throw a {@link KvxError} unless it surely took effect, or surely was refused. */
  async put(key: Key, value: Uint8Array, options?: OperationOptions): Promise<WriteOutcome> {
    return settle(await this.execute({ type: 'put', key, value }, options), 'done');
  }

  async delete(key: Key, options?: OperationOptions): Promise<WriteOutcome> {
    return settle(await this.execute({ type: 'delete', key }, options), 'done');
  }

  /** Puts only if the key is absent. */
  async insert(
    key: Key,
    value: Uint8Array,
    options?: OperationOptions,
  ): Promise<WriteOutcome | RefusedOutcome> {
    return settle(await this.execute({ type: 'insert', key, value }, options), 'done', 'refused');
  }

  /** Puts only if the key is present. */
  async update(
    key: Key,
    value: Uint8Array,
    options?: OperationOptions,
  ): Promise<WriteOutcome | RefusedOutcome> {
    return settle(await this.execute({ type: 'update', key, value }, options), 'done', 'refused');
  }

  /** Compare and set. `expected` of `null`: only if absent; `value` of `null`: delete. */
  async cas(
    key: Key,
    expected: Uint8Array | null,
    value: Uint8Array | null,
    options?: OperationOptions,
  ): Promise<WriteOutcome | RefusedOutcome> {
    const operation = { type: 'cas', key, expected, value } as const;
    return settle(await this.execute(operation, options), 'done', 'refused');
  }

  /** All steps in order, or none: `refused` when a check does not hold. Throws as the other writes do. */
  async transact(
    steps: readonly TransactionStep[],
    options?: OperationOptions,
  ): Promise<CommittedOutcome | RefusedOutcome> {
    return settle(await this.execute({ type: 'txn', steps }, options), 'committed', 'refused');
  }

  /** Any operation; what came of it as data. Never rejects. */
  async execute(operation: Operation, options: OperationOptions = {}): Promise<Answer> {
    const { level, timeoutMs, exactlyOnce } = { ...this.#options, ...options };
    const deadline = performance.now() + timeoutMs;
    const asking: Asking = { operation, level, deadline };
    const attempts = new Attempts(operation, exactlyOnce);
    let session = options.session ?? this.#stampFor(operation);
    let turn = this.#turn();
    for (;;) {
      const shareMs = attempts.shareOf(deadline - performance.now(), timeoutMs);
      const { node, result } = await this.#attempt(asking, session, turn, shareMs);
      const verdict = attempts.judge(result, node !== null);
      const pauseMs = attempts.pauseMs(Math.random());
      const hasTime = attempts.hasTime(deadline - performance.now() - pauseMs, timeoutMs);
      const isOver = verdict === 'final' || !hasTime || this.#closing.signal.aborted;
      if (isOver) return { node, result: attempts.conclude(result) };
      await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => {});
      if (verdict === 'again') turn = this.#turnAfter(node);
      // A number is an answer's for ever: what is to be judged anew needs another one.
      else if (options.session === undefined) session = this.#stampFor(operation);
    }
  }

  /** Hangs up on every node; what is under way fails as `disconnected`. */
  close(): void {
    this.#closing.abort();
    for (const { connection } of this.#links.values()) connection?.close();
  }

  /** Once, through the first node of `turn` that can be reached. */
  async #attempt(
    { operation, level, deadline }: Asking,
    session: SessionStamp | null,
    turn: readonly NodeAddress[],
    shareMs: Millis,
  ): Promise<Answer> {
    const until = Math.min(deadline, performance.now() + shareMs);
    const problems: string[] = [];
    for (const address of turn) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) break;
      let connection: Connection;
      try {
        connection = await this.#connectionTo(address, leftMs);
      } catch (error) {
        problems.push((error as Error).message);
        continue;
      }
      const timeoutMs = Math.max(1, until - performance.now());
      const result = await connection.request(operation, {
        level,
        timeoutMs,
        ...(session === null ? {} : { session }),
      });
      if (!wasNeverSent(connection, result)) return { node: address.node, result };
      problems.push(result.message);
    }
    const tried = this.#addresses.map(({ node }) => node);
    return { node: null, result: nobodyReached(tried, problems) };
  }

  /** Numbers a command where the mode remembers what became of it. */
  #stampFor({ type }: Operation): SessionStamp | null {
    if (!this.#options.exactlyOnce || type === 'get' || type === 'tune' || type === 'stabilize')
      return null;
    this.#lastSequence += 1;
    return { client: this.#name, sequence: this.#lastSequence };
  }

  /** All addresses, beginning with the one whose turn it is. */
  #turn(): readonly NodeAddress[] {
    const at = this.#next;
    if (this.#options.start === 'spread') this.#next = (at + 1) % this.#addresses.length;
    return this.#turnFrom(at);
  }

  #turnAfter(node: NodeId | null): readonly NodeAddress[] {
    return this.#turnFrom(this.#addresses.findIndex((address) => address.node === node) + 1);
  }

  #turnFrom(at: number): readonly NodeAddress[] {
    return [...this.#addresses.slice(at), ...this.#addresses.slice(0, at)];
  }

  #connectionTo(address: NodeAddress, timeoutMs: Millis): Promise<Connection> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.reject(new Error('the client is closed'));
    const known = this.#links.get(address.node);
    if (known !== undefined && known.connection?.isOpen !== false) return known.connecting;
    const connecting = Connection.open(address, timeoutMs);
    const link: NodeLink = { connecting, connection: null };
    this.#links.set(address.node, link);
    connecting.then(
      (connection) => {
        link.connection = connection;
        if (signal.aborted) connection.close();
      },
      () => {
        if (this.#links.get(address.node) === link) this.#links.delete(address.node);
      },
    );
    return connecting;
  }
}

/** True when the connection was gone before the request could leave: the one failure that another node may mend. */
function wasNeverSent(
  connection: Connection,
  result: ClientResult,
): result is Extract<ClientResult, { readonly type: 'error' }> {
  return (
    result.type === 'error' &&
    result.code === 'unavailable' &&
    result.definite &&
    !connection.isOpen
  );
}

function nobodyReached(tried: readonly NodeId[], problems: readonly string[]): ClientResult {
  const { code, definite, message } = noneReachable(tried, problems);
  return { type: 'error', code, definite, message };
}

function settle<T extends ClientResult['type']>(answer: Answer, ...expected: T[]): Of<T> {
  const { node, result } = answer;
  if (result.type === 'error') {
    const { code, definite, message } = result;
    throw new KvxError(message, { code, definite });
  }
  if (node === null || !expected.includes(result.type as T)) {
    throw new KvxError(`${node} answered ${result.type} to an operation that has no such result`, {
      code: 'bug',
      definite: false,
    });
  }
  return { ...result, node } as unknown as Of<T>;
}
