import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type {
  ClientResult,
  DataOperation,
  Level,
  Operation,
  SessionStamp,
} from '../core/operation.js';
import type { SessionSupport } from '../core/session.js';
import type { ClientRecord } from '../history/recorder/recorder.js';
import type { Retry } from './attempts.js';
import type { ClientLinks } from './client-links.js';
import { Connections } from './connections.js';
import type { Endpoint, NodeConnection, Timing } from './endpoint.js';
import { unreachableNode } from './lost.js';
import {
  type ClientContext,
  type OperationOptions,
  type OperationSink,
  PendingOperation,
} from './pending-operation.js';
import type { Session } from './session.js';

export interface ClientOptions {
  readonly timing: Timing;
  /** The endpoint with which each operation begins: 0, 1, 2, … around the list; the first when absent. */
  readonly start?: number;
  /** Operations begin with the node that leads, where one does, as soon as any has told; absent: with `start`. */
  readonly followsLeader?: boolean;
  /** `null` or absent: the cluster's own. */
  readonly level?: Level | null;
  /** For one operation, connecting and further attempts included. */
  readonly timeoutMs?: Millis;
  /** For one attempt; `null` or absent: what leaves time for others, where there may be others. */
  readonly attemptMs?: Millis | null;
  /** The cluster's mode promises it: commands are numbered, and what is in doubt is tried again. */
  readonly exactlyOnce?: boolean;
  /** `safe` when absent. */
  readonly retry?: Retry;
  /** What every operation is part of, unless it says otherwise. */
  readonly session?: Session | null;
  /** What the cluster's mode does for sessions; absent: it leaves all to the client. */
  readonly sessionSupport?: SessionSupport;
  /** What is broken on purpose between it and the nodes, if its endpoints are those around which they are. */
  readonly links?: ClientLinks | null;
  /** Writes down what this client asks and is told; `null` or absent: nobody does. */
  readonly record?: ClientRecord | null;
  /** Those of many clients, which whoever made them closes; absent: the client has its own. */
  readonly connections?: Connections | null;
  /** To the one endpoint that there is, and always open; `null` or absent: connections are made when needed. */
  readonly direct?: NodeConnection | null;
}

/** A result and the node that it came through; `null` when no node could be reached. */
export interface ClientAnswer {
  readonly node: NodeId | null;
  readonly result: ClientResult;
}

/** What each operation of a client comes to unless it fails. */
const outcomes = {
  get: ['value'],
  put: ['done'],
  delete: ['done'],
  insert: ['done', 'refused'],
  update: ['done', 'refused'],
  cas: ['done', 'refused'],
  txn: ['committed', 'refused'],
} as const satisfies Record<DataOperation['type'], readonly ClientResult['type'][]>;

export type Performed<T extends DataOperation['type']> = Extract<
  ClientResult,
  { readonly type: (typeof outcomes)[T][number] }
> & { readonly node: NodeId };

export const timeoutMsDefault = 5_000;

/** Of a mode that leaves all to its clients. */
const noSupport: SessionSupport = { judge: 'client', confirmAt: null, ordersWrites: false };

const noOptions: OperationOptions = {};

/** Hands an answer to whoever waits for it. */
const toPromise: OperationSink<(answer: ClientAnswer) => void> = {
  settled: (resolve, result, node) => resolve({ node, result }),
};

/**
 * A client of a whole cluster. Connects when first needed, keeps one connection a node.
 *
 * An operation goes through one node. When that node can't be reached, and so surely nothing was sent, the next is
 * tried. Once something was sent, it is tried again only when that is safe. A node that is behind the operation's session
 * is passed over for the next. How, is told by {@link PendingOperation}.
 */
export class Client {
  readonly #context: ClientContext;
  readonly #ownConnections: Connections | null;
  readonly #links: ClientLinks | null;
  /** Unlike that of any other client there is. */
  readonly #id: string;
  #lastSequence = 0;

  /** `endpoints` of nodes that come and go: a function that says which there are. */
  constructor(
    endpoints: readonly Endpoint[] | (() => readonly Endpoint[]),
    { timing, links = null, ...options }: ClientOptions,
  ) {
    this.#links = links;
    this.#id = randomName(timing);
    this.#ownConnections = options.connections ? null : new Connections(timing);
    this.#context = {
      timing,
      connections: options.connections ?? (this.#ownConnections as Connections),
      start: options.start ?? 0,
      followsLeader: options.followsLeader ?? false,
      level: options.level ?? null,
      timeoutMs: options.timeoutMs ?? timeoutMsDefault,
      attemptMs: options.attemptMs ?? null,
      retry: options.retry ?? 'safe',
      exactlyOnce: options.exactlyOnce ?? false,
      session: options.session ?? null,
      sessionSupport: options.sessionSupport ?? noSupport,
      record: options.record ?? null,
      pausing: new Set(),
      isClosed: false,
      direct: options.direct ?? null,
      endpoints: typeof endpoints === 'function' ? endpoints : () => endpoints,
      problemWith: (node) => this.#problemWith(node),
      stampFor: (operation) => this.#stampFor(operation),
    };
  }

  /**
   * Throws a {@link KvxError} when it is not known what the key holds; or, of an operation that changes something, unless it
   * surely took effect or surely was refused.
   */
  async perform<O extends DataOperation>(
    operation: O,
    options?: OperationOptions,
  ): Promise<Performed<O['type']>> {
    const { node, result } = await this.execute(operation, options);
    if (result.type === 'error') throw new KvxError(result.message, result);
    const expected: readonly string[] = outcomes[operation.type];
    if (node !== null && expected.includes(result.type)) return { ...result, node } as never;
    const message = `${node} answered ${result.type} to an operation that has no such result`;
    throw new KvxError(message, { code: 'bug', definite: false });
  }

  /** Any operation; what came of it as data. Never rejects. */
  execute(operation: Operation, options: OperationOptions = noOptions): Promise<ClientAnswer> {
    return this.#context.timing.wait((resolve) =>
      this.submit(operation, options, toPromise, resolve),
    );
  }

  /** As {@link execute}, without a promise: `sink` is told, with `token`. For loads and simulations. */
  submit<T>(
    operation: Operation,
    options: OperationOptions,
    sink: OperationSink<T>,
    token: T,
  ): void {
    new PendingOperation(this.#context, operation, options, sink, token).begin();
  }

  /** Hangs up on every node; what is under way fails as `disconnected`. */
  close(): void {
    this.#context.isClosed = true;
    for (const operation of [...this.#context.pausing]) operation.resume();
    this.#ownConnections?.close();
  }

  #problemWith(node: NodeId): string | null {
    if (this.#context.isClosed) return unreachableNode(node, 'the client is closed').message;
    return this.#links?.problemWith(node) ?? null;
  }

  #stampFor({ type }: Operation): SessionStamp | null {
    if (!this.#context.exactlyOnce || type === 'get' || type === 'stabilize') return null;
    this.#lastSequence += 1;
    return { client: this.#id, sequence: this.#lastSequence };
  }
}

/** As good as unique: three draws of 32 bits. */
function randomName(timing: Timing): string {
  const draw = (): string => Math.floor(timing.random() * 2 ** 32).toString(36);
  return [draw(), draw(), draw()].join('');
}
