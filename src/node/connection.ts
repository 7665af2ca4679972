import { createConnection, type Socket } from 'node:net';
import { clientLimits, sizeProblem } from '../client/bounds.js';
import type {
  Endpoint,
  NodeConnection,
  Requester,
  RequestOptions,
  ScanOptions,
} from '../client/endpoint.js';
import { lostNode, resultOf, tooManyWaiting, unreachableNode } from '../client/lost.js';
import { type Waiter, WaitingList } from '../client/waiting-list.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { Operation } from '../core/operation.js';
import { operationBytes } from '../core/operation-bytes.js';
import { badRequest } from '../core/results.js';
import { oneLine } from '../core/show.js';
import { Fifo } from '../runtime/fifo.js';
import {
  type ClientFrame,
  clientFrame,
  framesVersion,
  hello,
  type NodeStatus,
  type ScannedEntry,
  type ServerFrame,
  serverFrame,
} from '../runtime/links/client-frames.js';
import { encodeFrames, FrameReader, readLimits } from '../runtime/links/frames.js';
import { realTiming } from './timing.js';

/** Where a node of a cluster is to be found. */
export interface NodeAddress {
  readonly node: NodeId;
  readonly socketPath: string;
  /** The id in `cluster.json`, not the cluster's name. */
  readonly clusterId: string;
}

/** A node answers `timeout` itself; only when it does not even do that does the client give up, this much later. */
const graceMs = 250;

/** For what involves no other node: status, lookup, scan, rules, stop. */
const adminTimeoutMsDefault = 5_000;

/** What is shown of the reason that a node gives for hanging up. */
const reasonCharsMax = 200;

/** Longest path of a Unix socket that no system cuts short. */
const socketPathBytesMax = 103;

/** One request under way, whatever its kind. */
interface Pending extends Waiter {
  sent: boolean;
  readonly answeredBy: ServerFrame['type'];
  /** Takes an answer of that type. */
  take(frame: ServerFrame): void;
  fail(error: KvxError): void;
}

type ServerFrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: T }>;

/** An operation under way: what there is most of, so it makes no closures. */
class PendingRequest implements Pending {
  readonly answeredBy = 'result';
  readonly timeoutMs: Millis;
  sent = false;
  deadline: Millis = 0;
  readonly #requester: Requester;

  constructor(timeoutMs: Millis, requester: Requester) {
    this.timeoutMs = timeoutMs;
    this.#requester = requester;
  }

  take(frame: ServerFrameOf<'result'>): void {
    this.#requester.answered(frame.result);
  }

  fail(error: KvxError): void {
    this.#requester.answered(resultOf(error));
  }
}

/** A node's entries come in several answers. */
const isLast = (frame: ServerFrame): boolean => frame.type !== 'entries' || frame.last;

/** A frame waiting for its turn to be written. */
interface Unsent {
  readonly id: number;
  readonly item: unknown;
  readonly bytes: number;
}

/**
 * One socket to one node. Any number of requests may be under way; answers are matched by id.
 *
 * What is asked for within one turn of the event loop leaves as one write, and nothing is written before the node has
 * answered the hello, or while the socket has not drained. Whether a failed request may have taken effect is known: one whose frame was never handed to the
 * socket fails as `unavailable` (definite), one that was as `disconnected` or `timeout` (not).
 */
export class Connection implements NodeConnection {
  readonly node: NodeId;
  readonly #socket: Socket;
  readonly #reader = new FrameReader(readLimits.peer);
  readonly #pending = new WaitingList<Pending>(realTiming, (pending) => this.#timeOut(pending));
  readonly #unsent = new Fifo<Unsent>();
  #unsentBytes = 0;
  /** The hello has been answered: what is sent from now on is looked at. */
  #welcome = false;
  #flushScheduled = false;
  #draining = false;
  /** Why it ended; `null` while it is open. */
  #ended: string | null = null;
  /** What the node said before it hung up. */
  #closingReason: string | null = null;

  /** Calls `connected` once: with a definite `unavailable` when nobody answers at the socket. */
  static connect(
    address: NodeAddress,
    timeoutMs: Millis,
    connected: (outcome: Connection | KvxError) => void,
  ): void {
    const { node, socketPath } = address;
    if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
      const why = `its socket path is longer than ${socketPathBytesMax} bytes`;
      connected(unreachableNode(node, why));
      return;
    }
    const socket = createConnection(socketPath);
    const giveUp = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      connected(unreachableNode(node, why));
    };
    const timer = setTimeout(
      () => giveUp(`no connection within ${Math.round(timeoutMs)} ms`),
      timeoutMs,
    );
    socket.once('error', (error: NodeJS.ErrnoException) => giveUp(connectProblem(error)));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      connected(new Connection(address, socket));
    });
  }

  /** As {@link connect}; rejects with the error. */
  static open(
    address: NodeAddress,
    timeoutMs: Millis = adminTimeoutMsDefault,
  ): Promise<Connection> {
    return new Promise((resolve, reject) =>
      Connection.connect(address, timeoutMs, (outcome) =>
        outcome instanceof KvxError ? reject(outcome) : resolve(outcome),
      ),
    );
  }

  private constructor(address: NodeAddress, socket: Socket) {
    this.node = address.node;
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('drain', () => {
      this.#draining = false;
      this.#flush();
    });
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the connection was closed'));
    const greeting = {
      type: 'client',
      version: framesVersion,
      cluster: address.clusterId,
    } as const;
    for (const frame of encodeFrames([hello.toWire(greeting)])) socket.write(frame);
  }

  get isOpen(): boolean {
    return this.#ended === null;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  request(operation: Operation, options: RequestOptions, requester: Requester): void {
    const problem = sizeProblem(operation);
    if (problem !== null) return requester.answered(badRequest(problem));
    const { level, timeoutMs, session, floor } = options;
    const pending = new PendingRequest(timeoutMs + graceMs, requester);
    const bytes = operationBytes(operation);
    const id = this.#admit(pending, bytes);
    if (id === null) return;
    this.#send({ type: 'request', id, operation, session, floor, level, timeoutMs }, bytes);
  }

  async status(timeoutMs?: Millis): Promise<NodeStatus> {
    const { status } = await this.#ask((id) => ({ type: 'status', id }), 'status', timeoutMs);
    return status;
  }

  async lookup(key: Key, timeoutMs?: Millis): Promise<ScannedEntry | null> {
    const { entry } = await this.#ask((id) => ({ type: 'lookup', id, key }), 'found', timeoutMs);
    return entry;
  }

  async scan(
    { values, timeoutMs }: ScanOptions,
    visit: (entries: readonly ScannedEntry[]) => void,
  ): Promise<void> {
    await this.#ask(
      (id) => ({ type: 'scan', id, values }),
      'entries',
      timeoutMs,
      ({ entries }) => visit(entries),
    );
  }

  /** Hangs up; what is under way fails as if the node had. */
  close(): void {
    this.#end('the client closed the connection');
  }

  /** Resolves with the last answer. `visit` sees each. */
  #ask<T extends ServerFrame['type']>(
    frame: (id: number) => ClientFrame,
    answeredBy: T,
    timeoutMs: Millis = adminTimeoutMsDefault,
    visit: (frame: ServerFrameOf<T>) => void = () => {},
  ): Promise<ServerFrameOf<T>> {
    return new Promise((resolve, reject) => {
      const take = (answer: ServerFrameOf<T>): void => {
        try {
          visit(answer);
          if (isLast(answer)) resolve(answer);
        } catch (error) {
          if (id !== null) this.#pending.take(id);
          reject(error);
        }
      };
      const pending = { sent: false, deadline: 0, answeredBy, timeoutMs, take, fail: reject };
      const id = this.#admit(pending as Pending, 0);
      if (id !== null) this.#send(frame(id), 0);
    });
  }

  /** Its id; `null` when it has failed already. */
  #admit(pending: Pending, bytes: number): number | null {
    const { node } = this;
    const hasRoom =
      this.#pending.size < clientLimits.pendingMax &&
      this.#unsentBytes + bytes <= clientLimits.unsentBytesMax;
    if (this.#ended === null && hasRoom) return this.#pending.add(pending);
    pending.fail(this.#ended === null ? tooManyWaiting(node) : unreachableNode(node, this.#ended));
    return null;
  }

  #send(frame: ClientFrame, bytes: number): void {
    this.#queue({ id: frame.id, item: clientFrame.toWire(frame), bytes });
  }

  #queue(unsent: Unsent): void {
    this.#unsent.push(unsent);
    this.#unsentBytes += unsent.bytes;
    if (!this.#welcome || this.#flushScheduled || this.#draining) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      if (!this.#draining) this.#flush();
    });
  }

  /** Writes as much as the socket takes, slice by slice: what was not handed to it is surely not done when it fails. */
  #flush(): void {
    while (this.#ended === null && this.#unsent.length > 0) {
      const before = this.#unsentBytes;
      const items = this.#takeSlice();
      if (items.length === 0) continue;
      let drained = true;
      this.#socket.cork();
      const bytes = before - this.#unsentBytes;
      for (const frame of encodeFrames(items, bytes)) drained = this.#socket.write(frame);
      this.#socket.uncork();
      if (drained) continue;
      this.#draining = true;
      return;
    }
  }

  #takeSlice(): unknown[] {
    const items: unknown[] = [];
    let bytes = 0;
    while (bytes < clientLimits.sliceBytes) {
      const next = this.#unsent.shift();
      if (next === undefined) break;
      this.#unsentBytes -= next.bytes;
      const pending = this.#pending.get(next.id);
      // A request that timed out before it was sent is not sent any more: its caller was told that it never will be.
      if (pending === undefined) continue;
      pending.sent = true;
      items.push(next.item);
      bytes += next.bytes;
    }
    return items;
  }

  /** Whoever is told may do what it likes: what it throws is not of the stream. */
  #receive(chunk: Uint8Array): void {
    if (this.#ended !== null) return;
    const frames: ServerFrame[] = [];
    let problem: unknown = null;
    try {
      this.#reader.push(chunk, (items) => {
        for (const item of items) frames.push(serverFrame.fromWire(item));
      });
    } catch (error) {
      problem = error;
    }
    for (const frame of frames) this.#handle(frame);
    if (problem !== null) this.#endBroken((problem as Error).message);
  }

  #handle(frame: ServerFrame): void {
    if (frame.type === 'closing') {
      this.#closingReason = oneLine(frame.reason, reasonCharsMax);
      return;
    }
    if (frame.type === 'welcome') {
      this.#welcome = true;
      this.#flush();
      return;
    }
    const pending = this.#pending.get(frame.id);
    // An answer that comes after its request was given up.
    if (pending === undefined) return;
    if (frame.type !== pending.answeredBy) {
      this.#endBroken(`an answer of type ${frame.type} to another question`);
      return;
    }
    if (isLast(frame)) this.#pending.take(frame.id);
    else this.#pending.refresh(pending);
    pending.take(frame);
  }

  #timeOut(pending: Pending): void {
    const within = `within ${Math.round(pending.timeoutMs)} ms`;
    if (this.#welcome) {
      const message = `${this.node} did not answer ${within}`;
      pending.fail(new KvxError(message, { code: 'timeout', definite: !pending.sent }));
    } else {
      pending.fail(unreachableNode(this.node, `it did not say welcome ${within}`));
    }
  }

  #endBroken(why: string): void {
    this.#end(`it sent what can't be understood (${why})`);
  }

  #end(why: string): void {
    if (this.#ended !== null) return;
    const reason = this.#closingReason ?? why;
    this.#ended = reason;
    this.#socket.destroy();
    this.#unsent.clear();
    for (const pending of this.#pending.takeAll()) {
      const { node } = this;
      pending.fail(pending.sent ? lostNode(node, reason) : unreachableNode(node, reason));
    }
  }
}

function connectProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'nobody listens at its socket';
    case 'EAGAIN':
      return 'too many wait to connect';
    case 'EACCES':
    case 'EPERM':
      return 'its socket belongs to another user';
    default:
      return error.message;
  }
}

/** An endpoint that needs no look at the node until somebody connects. */
export function socketEndpoint(address: NodeAddress): Endpoint {
  return {
    node: address.node,
    connect: (timeoutMs, connected) => Connection.connect(address, timeoutMs, connected),
    open: (timeoutMs) => Connection.open(address, timeoutMs),
  };
}
