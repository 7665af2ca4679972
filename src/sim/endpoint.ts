import { setMaxListeners } from 'node:events';
import { sizeProblem } from '../client/bounds.js';
import type { Endpoint, NodeConnection, RequestOptions, ScanOptions } from '../client/endpoint.js';
import { lostNode, unreachableNode } from '../client/lost.js';
import { type ErrorCode, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, Operation } from '../core/operation.js';
import type { SeededRandom } from '../core/random.js';
import type { ReplicaView } from '../core/replica.js';
import type { NodeStatus, ScannedEntry } from '../runtime/links/client-frames.js';
import { describeEntry } from '../runtime/scanned-entry.js';
import type { SimCluster } from './cluster.js';
import type { Vitals } from './host.js';
import type { VirtualTime } from './virtual-time.js';

/** One way between a client and a node. */
const wayMsMax: Millis = 0.3;
/** As of a real connection: a node answers `timeout` itself; only when it does not even do that the client gives up. */
const graceMs: Millis = 250;
const adminTimeoutMsDefault: Millis = 5_000;

type SimHost = ReturnType<SimCluster['host']>;

/** A simulated node as its clients find it; `host` may be gone by the time somebody knocks. */
export class SimEndpoint implements Endpoint {
  readonly node: NodeId;
  readonly #host: SimHost;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;

  constructor(host: SimHost, time: VirtualTime, random: SeededRandom) {
    this.node = host.id;
    this.#host = host;
    this.#time = time;
    this.#random = random;
  }

  /** A paused node still accepts connections, as its operating system does for it. */
  open(): Promise<NodeConnection> {
    return this.#time.wait((resolve, reject) => {
      const way: Way = (then) => {
        this.#time.world.after(this.#random.next() * wayMsMax, then);
      };
      way(() => {
        if (this.#host.isUp) resolve(new SimConnection(this.#host, this.#time, way));
        else reject(unreachableNode(this.node, 'nobody listens at its socket'));
      });
    });
  }
}

/** Runs something at the other end of a connection. */
type Way = (then: () => void) => void;

/** A connection to one incarnation of a node: it ends when that does. */
class SimConnection implements NodeConnection {
  readonly node: NodeId;
  readonly #host: SimHost;
  readonly #incarnation: number;
  readonly #time: VirtualTime;
  readonly #way: Way;
  readonly #closing = new AbortController();

  constructor(host: SimHost, time: VirtualTime, way: Way) {
    this.node = host.id;
    this.#host = host;
    this.#incarnation = host.incarnationCount;
    this.#time = time;
    this.#way = way;
    // Every request under way listens; there may be hundreds.
    setMaxListeners(0, this.#closing.signal);
  }

  get isOpen(): boolean {
    return !this.#closing.signal.aborted && this.#isSameIncarnation;
  }

  get #isSameIncarnation(): boolean {
    return this.#host.isUp && this.#host.incarnationCount === this.#incarnation;
  }

  async request(operation: Operation, options: RequestOptions): Promise<ClientResult> {
    const problem = sizeProblem(operation);
    if (problem !== null) return errorResult('bad-request', true, problem);
    const { level, timeoutMs, session = null, floor = null } = options;
    try {
      return await this.#ask<ClientResult>(timeoutMs + graceMs, (answer) =>
        this.#host.request({ operation, level, timeoutMs, session, floor }, answer),
      );
    } catch (error) {
      if (!(error instanceof KvxError) || error.code === 'bug') throw error;
      return errorResult(error.code, error.definite, error.message);
    }
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
    this.#closing.abort();
  }

  #look<T extends object>(
    timeoutMs: Millis = adminTimeoutMsDefault,
    see: (view: ReplicaView, vitals: Vitals) => T,
  ): Promise<T> {
    return this.#ask(timeoutMs, (answer) =>
      this.#host.look((view, vitals) =>
        answer(view === null || vitals === null ? null : see(view, vitals)),
      ),
    );
  }

  /** There and back; `put` may answer `null` when the node dies instead. */
  #ask<T extends object>(
    timeoutMs: Millis,
    put: (answer: (value: T | null) => void) => void,
  ): Promise<T> {
    if (!this.isOpen)
      return Promise.reject(unreachableNode(this.node, 'the connection was closed'));
    return this.#time.wait((resolve, reject) => {
      const { signal } = this.#closing;
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', hangUp);
      };
      const lose = (why: string): void => {
        end();
        reject(lostNode(this.node, why));
      };
      const hangUp = (): void => lose('the client closed the connection');
      const giveUp = (): void => {
        end();
        const message = `${this.node} did not answer within ${Math.round(timeoutMs)} ms`;
        reject(new KvxError(message, { code: 'timeout', definite: false }));
      };
      const cancel = this.#time.world.after(timeoutMs, giveUp);
      signal.addEventListener('abort', hangUp, { once: true });
      const answer = (value: T | null): void =>
        this.#way(() => {
          if (value === null) return lose('the connection was closed');
          end();
          resolve(value);
        });
      this.#way(() => (this.#isSameIncarnation ? put(answer) : answer(null)));
    });
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

function errorResult(code: ErrorCode, definite: boolean, message: string): ClientResult {
  return { type: 'error', code, definite, message };
}
