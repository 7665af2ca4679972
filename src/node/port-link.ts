import type { MessagePort } from 'node:worker_threads';
import type { Millis, NodeId } from '../core/ids.js';
import { linkLimits } from '../core/limits.js';
import type { Shape } from '../core/wire.js';
import { FrameReader } from '../runtime/links/frames.js';
import { type Carrier, SendQueue } from '../runtime/links/send-queue.js';
import type { Clock, Link } from '../runtime/ports.js';
import { isMalformed } from './frame-socket.js';
import { LinkOfLines } from './lines.js';

/** One end of a channel between two nodes. */
export interface ChannelEnd {
  readonly port: MessagePort;
  /**
   * Four 32-bit cells that both ends share. A MessagePort has no bound of its own, so each side counts what it has
   * posted and the other has not taken in: bytes posted by side 0, and by side 1. Then whether side 0, and side 1, wants
   * to be told when there is room again: 1 or 0.
   */
  readonly credit: SharedArrayBuffer;
  readonly side: 0 | 1;
}

/** The cells of a new channel. */
export function newChannelCredit(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * Int32Array.BYTES_PER_ELEMENT);
}

/** A link over MessagePorts, one channel a pair of nodes. It carries the frames that sockets carry. */
export class PortLink<M> extends LinkOfLines<M, PortLine<M>> implements Link<M> {
  readonly #message: Shape<M>;
  readonly #log: (event: string) => void;
  readonly #clock: Clock;

  constructor(message: Shape<M>, clock: Clock, log: (event: string) => void) {
    super();
    this.#message = message;
    this.#clock = clock;
    this.#log = log;
  }

  protected holdLine(from: NodeId, held: boolean): void {
    this.lines.get(from)?.hold(held);
  }

  /** Uses this channel to and from `peer` from now on, instead of any older one. */
  connect(peer: NodeId, end: ChannelEnd): void {
    if (this.isClosed) {
      end.port.close();
      return;
    }
    const old = this.lines.get(peer);
    if (old !== undefined) this.#forget(peer, old);
    old?.close();
    const line = new PortLine(end, this.#message, () => this.#clock.now());
    line.hold(this.held.has(peer));
    this.lines.set(peer, line);
    end.port.on('message', (bytes: Uint8Array | null) => {
      if (bytes !== null) this.#receive(peer, line, bytes);
      else if (this.lines.get(peer) === line) {
        line.queue.onProgress();
        this.relieved();
      }
    });
    end.port.on('close', () => this.#forget(peer, line));
  }

  send(to: NodeId, messages: readonly M[]): void {
    this.noteSend(this.lines.get(to)?.queue.send(messages), to, messages);
  }

  /** Closes the channel to a peer that has sent what nobody may. */
  refuse(from: NodeId, why: string): void {
    const line = this.lines.get(from);
    if (line === undefined) return;
    this.#log(`link from ${from} closed: ${why}`);
    this.#forget(from, line);
    line.close();
  }

  close(): void {
    this.isClosed = true;
    for (const line of this.lines.values()) line.close();
    this.lines.clear();
  }

  #receive(from: NodeId, line: PortLine<M>, bytes: Uint8Array): void {
    if (this.lines.get(from) !== line) return;
    try {
      this.handler(from, line.take(bytes), bytes.length);
    } catch (error) {
      if (!isMalformed(error)) throw error;
      this.refuse(from, error.message);
    }
  }

  #forget(peer: NodeId, line: PortLine<M>): void {
    if (this.lines.get(peer) !== line) return;
    this.lines.delete(peer);
    this.lost += line.queue.lostCount;
  }
}

class PortLine<M> implements Carrier {
  readonly queue: SendQueue<M>;
  readonly #message: Shape<M>;
  readonly #port: MessagePort;
  readonly #credit: Int32Array;
  readonly #ours: 0 | 1;
  readonly #theirs: 0 | 1;
  readonly #reader = new FrameReader();
  #held = false;
  /** Taken in while the peer is held: it gets the credit for it when it is held no more. */
  #owed = 0;

  constructor({ port, credit, side }: ChannelEnd, message: Shape<M>, now: () => Millis) {
    this.queue = new SendQueue(this, message, now);
    this.#message = message;
    this.#port = port;
    this.#credit = new Int32Array(credit);
    this.#ours = side;
    this.#theirs = side === 0 ? 1 : 0;
  }

  /** Asked by the queue before it posts more: when there is no room, the other side tells when there is again. */
  get bytesInTransit(): number {
    const bytes = Atomics.load(this.#credit, this.#ours);
    if (bytes < linkLimits.bytesInTransit) return bytes;
    Atomics.store(this.#credit, 2 + this.#ours, 1);
    // It may have taken everything in between, and would not know that somebody waits.
    return Atomics.load(this.#credit, this.#ours);
  }

  write(frame: Uint8Array): void {
    const copy = frame.slice();
    Atomics.add(this.#credit, this.#ours, copy.length);
    this.#port.postMessage(copy, [copy.buffer]);
  }

  take(bytes: Uint8Array): readonly M[] {
    if (this.#held) this.#owed += bytes.length;
    else this.#giveCredit(bytes.length);
    let messages: readonly M[] = [];
    this.#reader.push(bytes, (items) => {
      const more = items.rest(this.#message);
      messages = messages.length === 0 ? more : [...messages, ...more];
    });
    return messages;
  }

  hold(held: boolean): void {
    this.#held = held;
    if (held || this.#owed === 0) return;
    const owed = this.#owed;
    this.#owed = 0;
    this.#giveCredit(owed);
  }

  close(): void {
    this.#port.close();
  }

  #giveCredit(bytes: number): void {
    const left = Atomics.sub(this.#credit, this.#theirs, bytes) - bytes;
    if (left >= linkLimits.bytesInTransit) return;
    if (Atomics.exchange(this.#credit, 2 + this.#theirs, 0) === 1) this.#port.postMessage(null);
  }
}
