import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Millis, NodeId } from '../core/ids.js';
import type { Shape } from '../core/wire.js';
import { type FrameItems, FrameReader, readLimits } from '../runtime/links/frames.js';
import { type Carrier, SendQueue } from '../runtime/links/send-queue.js';
import type { Clock, Link } from '../runtime/ports.js';
import { ByteRing, newRing } from './byte-ring.js';
import { Doorbell } from './doorbell.js';
import { isMalformed } from './frame-socket.js';
import { LinkOfLines } from './lines.js';

/** Taken in from one peer at a time. */
const receiveBytesMax = 256 * 1024;

/** One end of a channel between two nodes. */
export interface ChannelEnd {
  /** Wakes the peer, which is sent nothing by it; and it closes when the peer's thread ends. */
  readonly port: MessagePort;
  /** Rings: what the peer writes, and what it reads. */
  readonly incoming: SharedArrayBuffer;
  readonly outgoing: SharedArrayBuffer;
  /** The peer's. */
  readonly doorbell: SharedArrayBuffer;
}

/** Both ends of a new channel, each for the node whose doorbell comes first and second. */
export function newChannel(
  first: SharedArrayBuffer,
  second: SharedArrayBuffer,
): readonly [ChannelEnd, ChannelEnd] {
  const { port1, port2 } = new MessageChannel();
  const [there, back] = [newRing(), newRing()];
  return [
    { port: port1, incoming: back, outgoing: there, doorbell: second },
    { port: port2, incoming: there, outgoing: back, doorbell: first },
  ];
}

/**
 * A link between threads. It carries the frames that sockets carry, in a ring of shared memory each way. A node that was
 * woken takes what is in the rings of all its peers, and does so once more after its turn; it rests when it found
 * nothing.
 */
export class RingLink<M> extends LinkOfLines<M, RingLine<M>> implements Link<M> {
  readonly #message: Shape<M>;
  readonly #log: (event: string) => void;
  readonly #clock: Clock;
  readonly #doorbell: Doorbell;
  #willLook = false;

  constructor(
    message: Shape<M>,
    clock: Clock,
    doorbell: SharedArrayBuffer,
    log: (event: string) => void,
  ) {
    super();
    this.#message = message;
    this.#clock = clock;
    this.#doorbell = new Doorbell(doorbell);
    this.#log = log;
  }

  protected holdLine(from: NodeId, held: boolean): void {
    const line = this.lines.get(from);
    if (line === undefined) return;
    line.isRead = !held;
    if (!held) this.#lookSoon();
  }

  /** Uses this channel to and from `peer` from now on, instead of any older one. */
  connect(peer: NodeId, end: ChannelEnd): void {
    if (this.isClosed) {
      end.port.close();
      return;
    }
    this.#drop(peer);
    const line = new RingLine(end, this.#message, () => this.#clock.now());
    line.isRead = !this.held.has(peer);
    line.onItems = (items, bytes) => {
      if (this.lines.get(peer) !== line) return;
      this.handler(peer, items.rest(this.#message), bytes);
    };
    this.lines.set(peer, line);
    end.port.on('message', this.#look);
    end.port.on('close', () => {
      // What it wrote before it ended; and it may have ended when it was about to wake this node for all.
      this.#look();
      if (this.lines.get(peer) === line) this.#drop(peer);
    });
    this.#lookSoon();
  }

  send(to: NodeId, messages: readonly M[]): void {
    this.noteSend(this.lines.get(to)?.queue.send(messages), to, messages);
  }

  /** Closes the channel to a peer that has sent what nobody may. */
  refuse(from: NodeId, why: string): void {
    if (!this.lines.has(from)) return;
    this.#log(`link from ${from} closed: ${why}`);
    this.#drop(from);
  }

  close(): void {
    this.isClosed = true;
    for (const line of this.lines.values()) line.close();
    this.lines.clear();
  }

  #lookSoon(): void {
    if (this.#willLook || this.isClosed) return;
    this.#willLook = true;
    setImmediate(() => {
      this.#willLook = false;
      this.#look();
    });
  }

  /** When there was something there is another look, behind the turn that it gave rise to. */
  readonly #look = (): void => {
    if (!this.#lookAtAll()) {
      this.#doorbell.rest();
      if (!this.#lookAtAll()) return;
      this.#doorbell.wake();
    }
    this.#lookSoon();
  };

  /** Takes in what peers sent, and gives them what there is room for again. False when there was neither. */
  #lookAtAll(): boolean {
    let found = false;
    for (const [peer, line] of this.lines) {
      if (this.#receive(peer, line)) found = true;
      if (line.goOn()) {
        found = true;
        this.relieved();
      }
    }
    return found;
  }

  #receive(from: NodeId, line: RingLine<M>): boolean {
    try {
      return line.receive();
    } catch (error) {
      if (!isMalformed(error)) throw error;
      this.refuse(from, error.message);
      return true;
    }
  }

  #drop(peer: NodeId): void {
    const line = this.lines.get(peer);
    if (line === undefined) return;
    this.lines.delete(peer);
    this.lost += line.queue.lostCount;
    this.sentBefore += line.queue.sentBytes;
    line.close();
  }
}

class RingLine<M> implements Carrier {
  readonly queue: SendQueue<M>;
  isRead = true;
  onItems: (items: FrameItems, bytes: number) => void = () => {};
  readonly #port: MessagePort;
  readonly #incoming: ByteRing;
  readonly #outgoing: ByteRing;
  readonly #doorbell: Doorbell;
  readonly #reader = new FrameReader(readLimits.peer, false);
  /** Frames that are not in the ring yet, their bytes, and how many of the first one's are in it. */
  readonly #rest: Uint8Array[] = [];
  #restBytes = 0;
  #written = 0;

  constructor(
    { port, incoming, outgoing, doorbell }: ChannelEnd,
    message: Shape<M>,
    now: () => Millis,
  ) {
    this.queue = new SendQueue(this, message, now);
    this.#port = port;
    this.#incoming = new ByteRing(incoming);
    this.#outgoing = new ByteRing(outgoing);
    this.#doorbell = new Doorbell(doorbell);
  }

  /** As much as the queue gives at a time finds its place, in the ring or before it. */
  get bytesInTransit(): number {
    return this.#outgoing.bytesWaiting + this.#restBytes;
  }

  write(frame: Uint8Array): void {
    const written = this.#rest.length === 0 ? this.#outgoing.write(frame, 0) : 0;
    if (written < frame.length) {
      const rest = frame.slice(written);
      this.#rest.push(rest);
      this.#restBytes += rest.length;
      this.#fillRing();
    }
    this.#doorbell.ring(this.#wake);
  }

  /** False when nothing waits for room, or there is none. */
  goOn(): boolean {
    const before = this.#restBytes;
    if (before === 0) return false;
    this.#fillRing();
    if (this.#restBytes === before) return false;
    this.#doorbell.ring(this.#wake);
    this.queue.onProgress();
    return true;
  }

  /** Takes in about as much as the ring holds, so that others get their turn. False when there was nothing. */
  receive(): boolean {
    let bytes = 0;
    const ring = this.#incoming;
    while (this.isRead && bytes < receiveBytesMax && ring.read()) {
      bytes += ring.end - ring.start;
      if (ring.isWaitedFor()) this.#doorbell.ring(this.#wake);
      this.#reader.push(ring.piece, this.onItems, ring.start, ring.end);
    }
    return bytes > 0;
  }

  close(): void {
    this.isRead = false;
    this.#port.close();
  }

  /** Puts in what there is room for. When there is too little, it says that it waits, and looks once more. */
  #fillRing(): void {
    let waits = false;
    for (let frame = this.#rest[0]; frame !== undefined; frame = this.#rest[0]) {
      const end = this.#outgoing.write(frame, this.#written);
      const isDone = end === frame.length;
      this.#restBytes -= end - this.#written;
      this.#written = isDone ? 0 : end;
      if (isDone) this.#rest.shift();
      else if (waits) return;
      else {
        waits = true;
        this.#outgoing.waitForRoom();
      }
    }
  }

  readonly #wake = (): void => this.#port.postMessage(null);
}
