/** A conversation with one node, whatever carries it. */
import { definiteError, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { Operation } from '../core/operation.js';
import { operationBytes, sizeProblem } from '../core/operation-bytes.js';
import { badRequest } from '../core/results.js';
import { oneLine } from '../core/show.js';
import { Fifo } from '../runtime/fifo.js';
import type {
  ClientFrame,
  KeyPage,
  NodeStatus,
  ScannedEntry,
  ServerFrame,
} from '../runtime/links/client-frames.js';
import type { NodeConnection, Requester, RequestOptions, ScanOptions, Timing } from './endpoint.js';
import { resultOf, unreachableNode } from './lost.js';
import { type Waiter, WaitingList } from './waiting-list.js';

/** Carries frames there and back: a socket, or virtual time. */
export interface Channel {
  readonly isOpen: boolean;
  /** Calls `flush` once all that is asked for at the same time has been: it leaves together. */
  gather(flush: () => void): void;
  /** Sends frames. False: it takes no more until {@link Connection.drained} is called. */
  write(frames: readonly ClientFrame[]): boolean;
  close(): void;
}

/** What one connection may have waiting; past it comes `overloaded`. */
const clientLimits = {
  pendingMax: 65_536,
  /** Keys and values that wait to be written. */
  unsentBytesMax: 64 * 1024 * 1024,
  /** Written at a time. */
  sliceBytes: 256 * 1024,
} as const;

/** A node answers `timeout` itself; only when it does not even do that does the client give up, this much later. */
const graceMs: Millis = 250;

/** For what involves no other node: status, lookup, scan. */
const adminTimeoutMsDefault: Millis = 5_000;

/** What is shown of the reason that a node gives for hanging up. */
const reasonCharsMax = 200;

/** One request under way, whatever its kind. */
interface Pending extends Waiter {
  /** Until it is written. */
  frame: ClientFrame | null;
  /** Of its keys and values. */
  readonly bytes: number;
  state: 'unsent' | 'sent' | 'over';
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
  readonly bytes: number;
  frame: ClientFrame | null = null;
  state: Pending['state'] = 'unsent';
  deadline: Millis = 0;
  readonly #requester: Requester;

  constructor(timeoutMs: Millis, bytes: number, requester: Requester) {
    this.timeoutMs = timeoutMs;
    this.bytes = bytes;
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

/**
 * Any number of requests may be under way; answers are matched by id. Nothing is written before the node has answered the
 * hello, or while the channel takes no more. Whether a failed request may have taken effect is known: one that was never
 * handed to the channel fails as `unavailable` (definite), one that was as `disconnected` or `timeout` (not).
 */
export class Connection implements NodeConnection {
  readonly node: NodeId;
  readonly #timing: Timing;
  readonly #channel: Channel;
  readonly #pending: WaitingList<Pending>;
  readonly #unsent = new Fifo<Pending>();
  #unsentBytes = 0;
  /** The hello has been answered: what is sent from now on is looked at. */
  #welcome = false;
  #hearLeader: (leader: NodeId) => void = () => {};
  #flushScheduled = false;
  #draining = false;
  /** Why it ended; `null` while it is open. */
  #ended: string | null = null;
  /** What the node said before it hung up. */
  #closingReason: string | null = null;

  /** `open` makes the channel, which hands what comes of it to the connection. */
  constructor(node: NodeId, timing: Timing, open: (connection: Connection) => Channel) {
    this.node = node;
    this.#timing = timing;
    this.#pending = new WaitingList<Pending>(timing, (pending) => this.#timeOut(pending));
    this.#channel = open(this);
  }

  get isOpen(): boolean {
    return this.#ended === null && this.#channel.isOpen;
  }

  request(operation: Operation, options: RequestOptions, requester: Requester): void {
    const problem = sizeProblem(operation);
    if (problem !== null) return requester.answered(badRequest(problem));
    const { level, timeoutMs, session, floor } = options;
    const pending = new PendingRequest(timeoutMs + graceMs, operationBytes(operation), requester);
    const id = this.#admit(pending);
    if (id === null) return;
    this.#send(pending, { type: 'request', id, operation, session, floor, level, timeoutMs });
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

  async page(position: number, count: number, timeoutMs?: Millis): Promise<KeyPage> {
    const { page } = await this.#ask(
      (id) => ({ type: 'page', id, position, count }),
      'page',
      timeoutMs,
    );
    return page;
  }

  onLeader(hear: (leader: NodeId) => void): void {
    this.#hearLeader = hear;
  }

  /** Hangs up; what is under way fails as if the node had. */
  close(): void {
    this.lost('the client closed the connection');
  }

  /** The channel brings these. */
  received(frames: readonly ServerFrame[]): void {
    for (const frame of frames) {
      if (this.#ended === null) this.#handle(frame);
    }
  }

  /** The channel takes more. */
  drained(): void {
    this.#draining = false;
    this.#flush();
  }

  /** The other side has said what is none of its lines. */
  broken(why: string): void {
    this.lost(`it sent what can't be understood (${why})`);
  }

  /** The channel is no more. */
  lost(why: string): void {
    if (this.#ended !== null) return;
    const reason = this.#closingReason ?? why;
    this.#ended = reason;
    this.#channel.close();
    this.#unsent.clear();
    const { node } = this;
    const lost = new KvxError(`lost ${node}: ${reason}`, { code: 'disconnected', definite: false });
    for (const pending of this.#pending.takeAll()) {
      pending.fail(pending.state === 'sent' ? lost : unreachableNode(node, reason));
    }
  }

  /** Resolves with the last answer. `visit` sees each. */
  #ask<T extends ServerFrame['type']>(
    frame: (id: number) => ClientFrame,
    answeredBy: T,
    timeoutMs: Millis = adminTimeoutMsDefault,
    visit: (frame: ServerFrameOf<T>) => void = () => {},
  ): Promise<ServerFrameOf<T>> {
    return this.#timing.wait((resolve, reject) => {
      const take = (answer: ServerFrameOf<T>): void => {
        try {
          visit(answer);
          if (isLast(answer)) resolve(answer);
        } catch (error) {
          if (id !== null) this.#pending.remove(id);
          reject(error);
        }
      };
      const asked = { answeredBy, timeoutMs, take, fail: reject } as Pick<
        Pending,
        'answeredBy' | 'timeoutMs' | 'take' | 'fail'
      >;
      const pending: Pending = { ...asked, frame: null, bytes: 0, state: 'unsent', deadline: 0 };
      const id = this.#admit(pending);
      if (id !== null) this.#send(pending, frame(id));
    });
  }

  /** Its id; `null` when it has failed already. */
  #admit(pending: Pending): number | null {
    const { node } = this;
    const hasRoom =
      this.#pending.size < clientLimits.pendingMax &&
      this.#unsentBytes + pending.bytes <= clientLimits.unsentBytesMax;
    if (this.isOpen && hasRoom) return this.#pending.add(pending);
    const why = this.#ended ?? 'the connection was closed';
    const full = definiteError('overloaded', `too many requests are waiting for ${node}`);
    pending.fail(this.isOpen ? full : unreachableNode(node, why));
    return null;
  }

  #send(pending: Pending, frame: ClientFrame): void {
    pending.frame = frame;
    this.#unsent.push(pending);
    this.#unsentBytes += pending.bytes;
    if (!this.#welcome || this.#flushScheduled || this.#draining) return;
    this.#flushScheduled = true;
    this.#channel.gather(this.#flushGathered);
  }

  readonly #flushGathered = (): void => {
    this.#flushScheduled = false;
    if (!this.#draining) this.#flush();
  };

  /** Writes as much as the channel takes, slice by slice: what was not handed to it is surely not done when it fails. */
  #flush(): void {
    while (this.#ended === null && this.#unsent.length > 0) {
      const frames = this.#takeSlice();
      if (frames.length === 0 || this.#channel.write(frames)) continue;
      this.#draining = true;
      return;
    }
  }

  #takeSlice(): ClientFrame[] {
    const frames: ClientFrame[] = [];
    let bytes = 0;
    while (bytes < clientLimits.sliceBytes) {
      const next = this.#unsent.shift();
      if (next === undefined) break;
      this.#unsentBytes -= next.bytes;
      // A request that timed out before it was sent is not sent any more: its caller was told that it never will be.
      if (next.state === 'over') continue;
      next.state = 'sent';
      frames.push(next.frame as ClientFrame);
      next.frame = null;
      bytes += next.bytes;
    }
    return frames;
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
    if (frame.type === 'leader') {
      this.#hearLeader(frame.node);
      return;
    }
    const pending = this.#pending.get(frame.id);
    // An answer that comes after its request was given up.
    if (pending === undefined) return;
    if (frame.type !== pending.answeredBy) {
      this.broken(`an answer of type ${frame.type} to another question`);
      return;
    }
    if (isLast(frame)) this.#pending.remove(frame.id);
    else this.#pending.refresh(pending);
    pending.take(frame);
  }

  #timeOut(pending: Pending): void {
    const wasSent = pending.state === 'sent';
    pending.state = 'over';
    const within = `within ${Math.round(pending.timeoutMs)} ms`;
    if (this.#welcome) {
      const message = `${this.node} did not answer ${within}`;
      pending.fail(new KvxError(message, { code: 'timeout', definite: !wasSent }));
    } else {
      pending.fail(unreachableNode(this.node, `it did not say welcome ${within}`));
    }
  }
}
