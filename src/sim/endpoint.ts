/**
 * A simulated node as its clients find it. On it the one client (client/client.ts) runs in virtual time, for scripts and
 * for swarms alike:
 *
 *     const timing = virtualTiming(world, world.random.fork());
 *     const endpoints = hosts.map((host) => new SimEndpoint(host, timing));
 *     const client = new Client(endpoints, { timing, start: index, timeoutMs: 400, sessionSupport, record });
 *     client.submit(operation, { level }, sink, token); // sink.settled(token, result, node), later, in the world's turn
 *
 * `submit` makes no promise: all of it happens within `world.runUntil`. A client whose `start` is a number keeps to that node
 * and goes to the next while it can't be reached.
 */
import { sizeProblem } from '../client/bounds.js';
import type {
  Endpoint,
  NodeConnection,
  Requester,
  RequestOptions,
  ScanOptions,
  Timing,
} from '../client/endpoint.js';
import { lostNode, resultOf, unreachableNode } from '../client/lost.js';
import { type Waiter, WaitingList } from '../client/waiting-list.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientRequest, ClientResult, Operation } from '../core/operation.js';
import type { ReplicaView } from '../core/replica.js';
import { badRequest } from '../core/results.js';
import type { NodeStatus, ScannedEntry } from '../runtime/links/client-frames.js';
import { describeEntry } from '../runtime/scanned-entry.js';
import type { Vitals } from './host.js';

/** Of one direction between a client and a node. */
const latencyMsMax: Millis = 0.3;
/** As of a real connection: a node answers `timeout` itself; only when it does not even do that the client gives up. */
const graceMs: Millis = 250;
const adminTimeoutMsDefault: Millis = 5_000;

/** What a client meets of a simulated machine. */
export interface ReachableHost {
  readonly id: NodeId;
  readonly isUp: boolean;
  readonly incarnationCount: number;
  request(request: Omit<ClientRequest, 'id'>, answer: (result: ClientResult | null) => void): void;
  look(look: (view: ReplicaView | null, vitals: Vitals | null) => void): void;
}

export class SimEndpoint implements Endpoint {
  readonly node: NodeId;
  readonly #host: ReachableHost;
  readonly #timing: Timing;

  constructor(host: ReachableHost, timing: Timing) {
    this.node = host.id;
    this.#host = host;
    this.#timing = timing;
  }

  /** A paused node still accepts connections, as its operating system does for it. */
  connect(_timeoutMs: Millis, connected: (outcome: NodeConnection | KvxError) => void): void {
    travel(this.#timing, () => {
      const host = this.#host;
      if (host.isUp) connected(new SimConnection(host, this.#timing));
      else connected(unreachableNode(this.node, 'nobody listens at its socket'));
    });
  }

  open(timeoutMs: Millis = adminTimeoutMsDefault): Promise<NodeConnection> {
    return this.#timing.wait((resolve, reject) =>
      this.connect(timeoutMs, (outcome) =>
        outcome instanceof KvxError ? reject(outcome) : resolve(outcome),
      ),
    );
  }
}

function travel(timing: Timing, arrive: () => void): void {
  timing.after(timing.random() * latencyMsMax, arrive);
}

interface Pending extends Waiter {
  fail(error: KvxError): void;
}

/** A connection to one incarnation of a node: it ends when that does. */
class SimConnection implements NodeConnection {
  readonly node: NodeId;
  readonly #host: ReachableHost;
  readonly #incarnation: number;
  readonly #timing: Timing;
  readonly #pending: WaitingList<Pending>;
  #isClosed = false;

  constructor(host: ReachableHost, timing: Timing) {
    this.node = host.id;
    this.#host = host;
    this.#incarnation = host.incarnationCount;
    this.#timing = timing;
    this.#pending = new WaitingList<Pending>(timing, (pending) => {
      const within = `within ${Math.round(pending.timeoutMs)} ms`;
      const message = `${this.node} did not answer ${within}`;
      pending.fail(new KvxError(message, { code: 'timeout', definite: false }));
    });
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#isSameIncarnation;
  }

  get #isSameIncarnation(): boolean {
    return this.#host.isUp && this.#host.incarnationCount === this.#incarnation;
  }

  request(operation: Operation, options: RequestOptions, requester: Requester): void {
    const problem = sizeProblem(operation);
    if (problem !== null) return requester.answered(badRequest(problem));
    const { level, timeoutMs, session, floor } = options;
    this.#ask<ClientResult>(
      timeoutMs + graceMs,
      (answer) => this.#host.request({ operation, level, timeoutMs, session, floor }, answer),
      (result) => requester.answered(result),
      (error) => requester.answered(resultOf(error)),
    );
  }

  status(timeoutMs?: Millis): Promise<NodeStatus> {
    return this.#look(timeoutMs, (view, vitals) => statusOf(this.node, view, vitals));
  }

  async lookup(key: Key, timeoutMs?: Millis): Promise<ScannedEntry | null> {
    const found = await this.#look(timeoutMs, (view) => {
      const entry = view.lookup(key);
      return { entry: entry === undefined ? null : describeEntry(view, entry, true) };
    });
    return found.entry;
  }

  async scan(
    { values, timeoutMs }: ScanOptions,
    visit: (entries: readonly ScannedEntry[]) => void,
  ): Promise<void> {
    const entries = await this.#look(timeoutMs, (view) =>
      Array.from(view.entries(), (entry) => describeEntry(view, entry, values)),
    );
    visit(entries);
  }

  close(): void {
    this.#isClosed = true;
    for (const pending of this.#pending.takeAll()) {
      pending.fail(lostNode(this.node, 'the client closed the connection'));
    }
  }

  #look<T extends object>(
    timeoutMs: Millis = adminTimeoutMsDefault,
    see: (view: ReplicaView, vitals: Vitals) => T,
  ): Promise<T> {
    return this.#timing.wait((resolve, reject) => {
      const look = (answer: (value: T | null) => void): void =>
        this.#host.look((view, vitals) =>
          answer(view === null || vitals === null ? null : see(view, vitals)),
        );
      this.#ask(timeoutMs, look, resolve, reject);
    });
  }

  /** There and back; `put` may answer `null` when the node dies instead. */
  #ask<T extends object>(
    timeoutMs: Millis,
    put: (answer: (value: T | null) => void) => void,
    take: (value: T) => void,
    fail: (error: KvxError) => void,
  ): void {
    if (!this.isOpen) return fail(unreachableNode(this.node, 'the connection was closed'));
    const id = this.#pending.add({ timeoutMs, deadline: 0, fail });
    const answer = (value: T | null): void =>
      travel(this.#timing, () => {
        // Nobody waits for it any more when it comes too late.
        const isAwaited = this.#pending.take(id) !== undefined;
        if (!isAwaited) return;
        if (value === null) fail(lostNode(this.node, 'the connection was closed'));
        else take(value);
      });
    travel(this.#timing, () => (this.#isSameIncarnation ? put(answer) : answer(null)));
  }
}

function statusOf(node: NodeId, view: ReplicaView, { journal, uptimeMs }: Vitals): NodeStatus {
  const { role, keyCount, unsettledCount, suspects, facts } = view;
  return {
    node,
    pid: 0,
    role,
    keyCount,
    unsettledCount,
    suspects,
    facts,
    journalAppended: journal.appended,
    journalDurable: journal.durable,
    journalBytes: journal.logBytes,
    uptimeMs,
  };
}
