import type { MessagePort } from 'node:worker_threads';
import type { NodeId } from '../../core/ids.js';
import type { Shape } from '../../core/wire.js';
import type { Link } from '../ports.js';
import { isMalformed } from './frame-socket.js';
import { encodeFrames, FrameReader } from './frames.js';

/** What may wait for one peer that does not read; past it batches are lost. A MessagePort itself has no bound. */
export const portBytesWaitingMax = 16 * 1024 * 1024;

/** One end of a channel between two nodes. */
export interface ChannelEnd {
  readonly port: MessagePort;
  /** Two 32-bit counters that both ends share: bytes posted by side 0, and by side 1, that were not taken in yet. */
  readonly bytesWaiting: SharedArrayBuffer;
  readonly side: 0 | 1;
}

/** The counters of a new channel. */
export function newChannelCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** A link over MessagePorts, one channel a pair of nodes. It carries the frames that sockets carry. */
export class PortLink<M> implements Link<M> {
  readonly #message: Shape<M>;
  readonly #log: (event: string) => void;
  readonly #lines = new Map<NodeId, PortLine>();
  #handler: (from: NodeId, messages: readonly M[]) => void = () => {};
  #lost = 0;
  #closed = false;

  constructor(message: Shape<M>, log: (event: string) => void) {
    this.#message = message;
    this.#log = log;
  }

  /** Batches that could not be sent, since the start. */
  get lostCount(): number {
    return this.#lost;
  }

  /** Uses this channel to and from `peer` from now on, instead of any older one. */
  connect(peer: NodeId, end: ChannelEnd): void {
    if (this.#closed) {
      end.port.close();
      return;
    }
    this.#lines.get(peer)?.close();
    const line = new PortLine(end);
    this.#lines.set(peer, line);
    end.port.on('message', (bytes: Uint8Array) => this.#receive(peer, line, bytes));
    end.port.on('close', () => this.#forget(peer, line));
  }

  send(to: NodeId, messages: readonly M[]): void {
    const sent = this.#lines.get(to)?.send(messages.map((item) => this.#message.toWire(item)));
    if (!sent) this.#lost++;
  }

  onReceive(handler: (from: NodeId, messages: readonly M[]) => void): void {
    this.#handler = handler;
  }

  close(): void {
    this.#closed = true;
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
  }

  #receive(from: NodeId, line: PortLine, bytes: Uint8Array): void {
    if (this.#lines.get(from) !== line) return;
    try {
      const items = line.take(bytes).map((item) => this.#message.fromWire(item));
      this.#handler(from, items);
    } catch (error) {
      if (!isMalformed(error)) throw error;
      this.#log(`link from ${from} closed: ${error.message}`);
      this.#forget(from, line);
      line.close();
    }
  }

  #forget(peer: NodeId, line: PortLine): void {
    if (this.#lines.get(peer) === line) this.#lines.delete(peer);
  }
}

class PortLine {
  readonly #port: MessagePort;
  readonly #waiting: Int32Array;
  readonly #ours: number;
  readonly #theirs: number;
  readonly #reader = new FrameReader();

  constructor({ port, bytesWaiting, side }: ChannelEnd) {
    this.#port = port;
    this.#waiting = new Int32Array(bytesWaiting);
    this.#ours = side;
    this.#theirs = 1 - side;
  }

  /** False when too much is waiting already. */
  send(items: readonly unknown[]): boolean {
    if (Atomics.load(this.#waiting, this.#ours) > portBytesWaitingMax) return false;
    for (const frame of encodeFrames(items)) {
      Atomics.add(this.#waiting, this.#ours, frame.length);
      this.#port.postMessage(frame, [frame.buffer as ArrayBuffer]);
    }
    return true;
  }

  take(bytes: Uint8Array): unknown[] {
    Atomics.sub(this.#waiting, this.#theirs, bytes.length);
    const items: unknown[] = [];
    this.#reader.push(bytes, (more) => {
      for (const item of more) items.push(item);
    });
    return items;
  }

  close(): void {
    this.#port.close();
  }
}
