import { createConnection, type Socket } from 'node:net';
import { type ErrorCode, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { operationBytes } from '../core/operation-bytes.js';
import { oneLine } from '../core/show.js';
import type { LinkRules } from '../faults/link-rules.js';
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
import { clientLimits, sizeProblem } from './bounds.js';
import type { NodeConnection, RequestOptions, ScanOptions } from './endpoint.js';
import { connectProblem, lostNode, overloaded, unreachableNode } from './lost.js';

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
interface Pending {
  sent: boolean;
  readonly timer: NodeJS.Timeout;
  /** Takes one answer; true when no more will come. */
  readonly answer: (frame: ServerFrame) => boolean;
  readonly fail: (error: KvxError) => void;
}

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
  readonly #pending = new Map<number, Pending>();
  readonly #unsent = new Fifo<Unsent>();
  #unsentBytes = 0;
  #nextId = 1;
  /** The hello has been answered: what is sent from now on is looked at. */
  #welcome = false;
  #flushScheduled = false;
  #draining = false;
  /** Why it ended; `null` while it is open. */
  #ended: string | null = null;
  /** What the node said before it hung up. */
  #closingReason: string | null = null;

  /** Connects. Rejects with a definite `unavailable` when nobody answers at the socket. */
  static open(
    address: NodeAddress,
    timeoutMs: Millis = adminTimeoutMsDefault,
  ): Promise<Connection> {
    const { node, socketPath } = address;
    if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
      return Promise.reject(
        unreachableNode(node, `its socket path is longer than ${socketPathBytesMax} bytes`),
      );
    }
    return new Promise((resolve, reject) => {
      const socket = createConnection(socketPath);
      const giveUp = (why: string): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(unreachableNode(node, why));
      };
      const timer = setTimeout(
        () => giveUp(`no connection within ${Math.round(timeoutMs)} ms`),
        timeoutMs,
      );
      socket.once('error', (error: NodeJS.ErrnoException) => giveUp(connectProblem(error)));
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new Connection(address, socket));
      });
    });
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

  request(operation: Operation, options: RequestOptions): Promise<ClientResult> {
    const problem = sizeProblem(operation);
    if (problem !== null) return Promise.resolve(errorResult('bad-request', true, problem));
    return new Promise((resolve) => {
      this.#ask(
        (id) => ({ type: 'request', id, operation, session: null, floor: null, ...options }),
        options.timeoutMs + graceMs,
        operationBytes(operation),
        (frame) => {
          if (frame.type !== 'result') throw unexpected(frame);
          resolve(frame.result);
          return true;
        },
        (error) => resolve(errorResult(error.code, error.definite, error.message)),
      );
    });
  }

  status(timeoutMs?: Millis): Promise<NodeStatus> {
    return this.#askOnce(
      (id) => ({ type: 'status', id }),
      (frame) => (frame.type === 'status' ? frame.status : undefined),
      timeoutMs,
    );
  }

  lookup(key: Key, timeoutMs?: Millis): Promise<ScannedEntry | null> {
    return this.#askOnce(
      (id) => ({ type: 'lookup', id, key }),
      (frame) => (frame.type === 'found' ? frame.entry : undefined),
      timeoutMs,
    );
  }

  async setRules(rules: LinkRules, timeoutMs?: Millis): Promise<void> {
    await this.#askOnce(
      (id) => ({ type: 'set-rules', id, rules }),
      (frame) => (frame.type === 'done' ? true : undefined),
      timeoutMs,
    );
  }

  /** Asks the node to stop in good order; returns when it has said so, or has hung up. */
  async stop(timeoutMs?: Millis): Promise<void> {
    try {
      await this.#askOnce(
        (id) => ({ type: 'stop', id }),
        (frame) => (frame.type === 'done' ? true : undefined),
        timeoutMs,
      );
    } catch (error) {
      if (!(error instanceof KvxError && error.code === 'disconnected')) throw error;
    }
  }

  scan(options: ScanOptions, visit: (entries: readonly ScannedEntry[]) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ask(
        (id) => ({ type: 'scan', id, values: options.values }),
        options.timeoutMs ?? adminTimeoutMsDefault,
        0,
        (frame) => {
          if (frame.type !== 'entries') throw unexpected(frame);
          try {
            visit(frame.entries);
          } catch (error) {
            reject(error);
            return true;
          }
          if (frame.last) resolve();
          return frame.last;
        },
        reject,
      );
    });
  }

  /** Hangs up; what is under way fails as if the node had. */
  close(): void {
    this.#end('the client closed the connection');
  }

  #askOnce<T>(
    frame: (id: number) => ClientFrame,
    pick: (answer: ServerFrame) => T | undefined,
    timeoutMs: Millis = adminTimeoutMsDefault,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#ask(
        frame,
        timeoutMs,
        0,
        (answer) => {
          const picked = pick(answer);
          if (picked === undefined) throw unexpected(answer);
          resolve(picked);
          return true;
        },
        reject,
      );
    });
  }

  #ask(
    frame: (id: number) => ClientFrame,
    timeoutMs: Millis,
    bytes: number,
    answer: Pending['answer'],
    fail: Pending['fail'],
  ): void {
    if (this.#ended !== null) {
      fail(unreachableNode(this.node, this.#ended));
      return;
    }
    if (
      this.#pending.size >= clientLimits.pendingMax ||
      this.#unsentBytes + bytes > clientLimits.unsentBytesMax
    ) {
      fail(overloaded(this.node));
      return;
    }
    const id = this.#nextId++;
    const timer = setTimeout(() => this.#timeOut(id, timeoutMs), timeoutMs);
    this.#pending.set(id, { sent: false, timer, answer, fail });
    this.#queue({ id, item: clientFrame.toWire(frame(id)), bytes });
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

  #receive(chunk: Uint8Array): void {
    if (this.#ended !== null) return;
    try {
      this.#reader.push(chunk, (items) => {
        for (const item of items) this.#handle(serverFrame.fromWire(item));
      });
    } catch (error) {
      this.#end(`it sent what can't be understood (${(error as Error).message})`);
    }
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
    if (pending.answer(frame)) {
      clearTimeout(pending.timer);
      this.#pending.delete(frame.id);
    } else {
      pending.timer.refresh();
    }
  }

  #timeOut(id: number, timeoutMs: Millis): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    const within = `within ${Math.round(timeoutMs)} ms`;
    if (this.#welcome) {
      const message = `${this.node} did not answer ${within}`;
      pending.fail(new KvxError(message, { code: 'timeout', definite: !pending.sent }));
    } else {
      pending.fail(unreachableNode(this.node, `it did not say welcome ${within}`));
    }
  }

  #end(why: string): void {
    if (this.#ended !== null) return;
    const reason = this.#closingReason ?? why;
    this.#ended = reason;
    this.#socket.destroy();
    this.#unsent.clear();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { sent, timer, fail } of waiting) {
      clearTimeout(timer);
      fail(sent ? lostNode(this.node, reason) : unreachableNode(this.node, reason));
    }
  }
}

function unexpected(frame: ServerFrame): Error {
  return new Error(`an answer of type ${frame.type} to another question`);
}

function errorResult(code: ErrorCode, definite: boolean, message: string): ClientResult {
  return { type: 'error', code, definite, message };
}
