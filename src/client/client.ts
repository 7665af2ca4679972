import { setMaxListeners } from 'node:events';
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
import type { SessionSupport } from '../core/session.js';
import type { Direction } from '../faults/link-rules.js';
import type { ClientRecord } from '../history/recorder/recorder.js';
import { Attempts } from './attempts.js';
import { Dependence } from './dependence.js';
import type { Endpoint, NodeConnection, RequestOptions, Timing } from './endpoint.js';
import { noneReachable } from './lost.js';
import { NodeLinks } from './node-links.js';
import type { Session } from './session.js';
import { realTiming } from './timing.js';

export interface ClientOptions {
  /** Where to begin: `first` asks nodes in their order, `spread` takes turns from a random one, `random` draws lots. */
  readonly start?: 'first' | 'spread' | 'random';
  /** `null` or absent: the cluster's own. */
  readonly level?: Level | null;
  /** For one operation, connecting and further attempts included. */
  readonly timeoutMs?: Millis;
  /** The cluster's mode promises it: commands are numbered, and what is in doubt is tried again. */
  readonly exactlyOnce?: boolean;
  /** What every operation is part of, unless it says otherwise. */
  readonly session?: Session | null;
  /** What the cluster's mode does for sessions; absent: it leaves all to the client. */
  readonly sessionSupport?: SessionSupport;
  /** What cuts call this client; absent: none is meant for it. */
  readonly name?: string | null;
  /** The cuts in force. A node whose link to this client is cut, either way, is never talked to. */
  readonly cuts?: () => readonly Direction[];
  readonly timing?: Timing;
  /** Writes down what this client asks and is told; `null` or absent: nobody does. */
  readonly record?: ClientRecord | null;
}

/** Overrides for one operation. */
export interface OperationOptions {
  readonly level?: Level | null;
  readonly timeoutMs?: Millis;
  /** Through this node and no other. */
  readonly node?: NodeId;
  /** Instead of the client's own. */
  readonly stamp?: SessionStamp;
  /** `null`: part of no session. */
  readonly session?: Session | null;
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

/** What every attempt at one operation has in common. */
interface Asking {
  readonly operation: Operation;
  readonly level: Level | null;
  readonly deadline: Millis;
  /** `null` outside a session. */
  readonly dependence: Dependence | null;
}

interface AskedHow {
  readonly level: Level | null;
  readonly until: Millis;
  readonly marks: Pick<RequestOptions, 'session' | 'floor'>;
}

/** Absences are confirmed by one read more; while nodes are away nobody wants to wait long for it. */
const confirmMsMax: Millis = 1_000;

/**
 * A client of a whole cluster. Connects when first needed, keeps one connection a node.
 *
 * An operation goes through one node. When that node can't be reached, and so surely nothing was sent, the next is
 * tried. Once something was sent, it is tried again only when that is safe, see {@link Attempts}. A node that is behind
 * the operation's session is passed over for the next, see {@link Dependence}.
 */
export class Client {
  readonly #endpoints: () => readonly Endpoint[];
  readonly #options: Required<ClientOptions>;
  readonly #links: NodeLinks;
  readonly #timing: Timing;
  /** Unlike that of any other client there is. */
  readonly #id: string;
  readonly #closing = new AbortController();
  #lastSequence = 0;
  #next: number;

  /** `endpoints` of nodes that come and go: a function that says which there are. */
  constructor(
    endpoints: readonly Endpoint[] | (() => readonly Endpoint[]),
    options: ClientOptions = {},
  ) {
    this.#endpoints = typeof endpoints === 'function' ? endpoints : () => endpoints;
    this.#options = {
      start: 'spread',
      level: null,
      timeoutMs: timeoutMsDefault,
      exactlyOnce: false,
      session: null,
      sessionSupport: { judge: 'client', confirmAt: null, ordersWrites: false },
      name: null,
      cuts: () => [],
      timing: realTiming,
      record: null,
      ...options,
    };
    this.#timing = this.#options.timing;
    this.#links = new NodeLinks(this.#options.name, this.#options.cuts);
    this.#id = randomName(this.#timing);
    // Every operation that waits for its next attempt listens; there may be hundreds.
    setMaxListeners(0, this.#closing.signal);
    this.#next = this.#options.start === 'spread' ? this.#draw() : 0;
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
    const call = this.#options.record?.invoke(operation) ?? null;
    const answer = await this.#execute(operation, options);
    call?.end(answer.result, answer.node);
    return answer;
  }

  async #execute(operation: Operation, options: OperationOptions): Promise<Answer> {
    const { level, timeoutMs, exactlyOnce, session, sessionSupport } = {
      ...this.#options,
      ...options,
    };
    const timing = this.#timing;
    const deadline = timing.now() + timeoutMs;
    const dependence = session === null ? null : new Dependence(session, operation, sessionSupport);
    const problem = dependence?.problem() ?? null;
    if (problem !== null) return { node: null, result: refused(problem) };
    const asking: Asking = { operation, level, deadline, dependence };
    const attempts = new Attempts(operation, exactlyOnce);
    let stamp = options.stamp ?? this.#stampFor(operation);
    let turn = this.#turn(options.node);
    for (;;) {
      const shareMs = attempts.shareOf(deadline - timing.now(), timeoutMs);
      const { node, result } = await this.#attempt(asking, stamp, turn, shareMs);
      const verdict = attempts.judge(result, node !== null);
      const pauseMs = attempts.pauseMs(timing.random());
      const hasTime = attempts.hasTime(deadline - timing.now() - pauseMs, timeoutMs);
      const isOver = verdict === 'final' || !hasTime || this.#closing.signal.aborted;
      if (isOver) {
        session?.saw(operation, result);
        return { node, result: attempts.conclude(result) };
      }
      await timing.sleep(pauseMs, this.#closing.signal);
      if (verdict === 'again') turn = this.#turnAfter(node, options.node);
      // A number is an answer's for ever: what is to be judged anew needs another one.
      else if (options.stamp === undefined) stamp = this.#stampFor(operation);
    }
  }

  /** Hangs up on every node; what is under way fails as `disconnected`. */
  close(): void {
    this.#closing.abort();
    this.#links.close();
  }

  /** Once, through the first node of `turn` that can be reached and is not behind the session. */
  #attempt(
    { operation, level, deadline, dependence }: Asking,
    stamp: SessionStamp | null,
    turn: readonly Endpoint[],
    shareMs: Millis,
  ): Promise<Answer> {
    const until = Math.min(deadline, this.#timing.now() + shareMs);
    const marks = stamp === null ? {} : { session: stamp };
    if (dependence === null) return this.#ask(operation, { level, until, marks }, turn);
    const { floor } = dependence;
    const asked = floor === null ? marks : { ...marks, floor };
    const only = (nodes: readonly NodeId[]) => turn.filter(({ node }) => nodes.includes(node));
    return dependence.attempt(
      turn.map(({ node }) => node),
      {
        ask: (nodes) => this.#ask(operation, { level, until, marks: asked }, only(nodes)),
        read: async (node, key, confirmAt) => {
          const patience = Math.min(until, this.#timing.now() + confirmMsMax);
          const how = { level: confirmAt, until: patience, marks: {} };
          return (await this.#ask({ type: 'get', key }, how, only([node]))).result;
        },
      },
    );
  }

  /** Once, through the first node of `turn` that can be reached. */
  async #ask(
    operation: Operation,
    { level, until, marks }: AskedHow,
    turn: readonly Endpoint[],
  ): Promise<Answer> {
    const problems: string[] = [];
    for (const endpoint of turn) {
      const leftMs = until - this.#timing.now();
      if (leftMs <= 0) break;
      let connection: NodeConnection;
      try {
        connection = await this.#links.connectionTo(endpoint, leftMs);
      } catch (error) {
        problems.push((error as Error).message);
        continue;
      }
      const timeoutMs = Math.max(1, until - this.#timing.now());
      const result = await connection.request(operation, { level, timeoutMs, ...marks });
      if (!wasNeverSent(connection, result)) return { node: endpoint.node, result };
      problems.push(result.message);
    }
    const tried = turn.map(({ node }) => node);
    return { node: null, result: nobodyReached(tried, problems) };
  }

  /** Numbers a command where the mode remembers what became of it. */
  #stampFor({ type }: Operation): SessionStamp | null {
    if (!this.#options.exactlyOnce || type === 'get' || type === 'tune' || type === 'stabilize')
      return null;
    this.#lastSequence += 1;
    return { client: this.#id, sequence: this.#lastSequence };
  }

  /** All endpoints, beginning with the one whose turn it is; or `only` that of one node. */
  #turn(only: NodeId | undefined): readonly Endpoint[] {
    const endpoints = this.#endpoints();
    if (only !== undefined) return endpoints.filter(({ node }) => node === only);
    const { start } = this.#options;
    const at = start === 'random' ? this.#draw() : this.#next % Math.max(1, endpoints.length);
    if (start === 'spread') this.#next = at + 1;
    return [...endpoints.slice(at), ...endpoints.slice(0, at)];
  }

  #turnAfter(last: NodeId | null, only: NodeId | undefined): readonly Endpoint[] {
    const endpoints = this.#endpoints();
    if (only !== undefined) return endpoints.filter(({ node }) => node === only);
    const at = endpoints.findIndex(({ node }) => node === last) + 1;
    return [...endpoints.slice(at), ...endpoints.slice(0, at)];
  }

  #draw(): number {
    return Math.floor(this.#timing.random() * this.#endpoints().length);
  }
}

/** True when the connection was gone before the request could leave: the one failure that another node may mend. */
function wasNeverSent(
  connection: NodeConnection,
  result: ClientResult,
): result is Extract<ClientResult, { readonly type: 'error' }> {
  return (
    result.type === 'error' &&
    result.code === 'unavailable' &&
    result.definite &&
    !connection.isOpen
  );
}

/** As good as unique: three draws of 32 bits. */
function randomName(timing: Timing): string {
  const draw = (): string => Math.floor(timing.random() * 2 ** 32).toString(36);
  return [draw(), draw(), draw()].join('');
}

function refused(message: string): ClientResult {
  return { type: 'error', code: 'bad-request', definite: true, message };
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
