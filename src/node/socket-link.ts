import type { Millis, NodeId } from '../core/ids.js';
import type { Random } from '../core/random.js';
import { oneLine } from '../core/show.js';
import { type Shape, ShapeError } from '../core/wire.js';
import { framesVersion, hello, serverFrame } from '../runtime/links/client-frames.js';
import type { FrameItems } from '../runtime/links/frames.js';
import { type Carrier, SendQueue } from '../runtime/links/send-queue.js';
import type { Clock, Link } from '../runtime/ports.js';
import { FrameSocket } from './frame-socket.js';
import { LinkOfLines } from './lines.js';
import { dialStraight } from './straight-bytes.js';

export const socketLinkLimits = {
  /** First pause between two dials; it doubles, jittered, up to the longest. */
  pauseMsMin: 10,
  pauseMsMax: 500,
  /** A connection that lasted this long was a good one: the next pause is the first again. */
  goodAfterMs: 1000,
} as const;

/** What is shown of the reason that a peer gives for hanging up. */
const reasonCharsMax = 200;

export interface SocketLinkSetup<M> {
  readonly self: NodeId;
  /** Which start of this node it is, once it is known. */
  readonly incarnation: () => number;
  /** The cluster's id: a peer of another cluster turns us away. */
  readonly cluster: string;
  /** Where each peer listens, as far as they are known by now. */
  readonly peers: ReadonlyMap<NodeId, string>;
  readonly message: Shape<M>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: (event: string) => void;
}

/**
 * A link over Unix sockets. Each node dials each other for what it has to send itself; what comes in arrives at the
 * node's own socket, and {@link accept} takes it over once its hello was found good.
 */
export class SocketLink<M> extends LinkOfLines<M, OutgoingLine<M>> implements Link<M> {
  readonly #setup: SocketLinkSetup<M>;
  readonly #incoming = new Map<NodeId, FrameSocket>();
  /** Said hello, and no message yet. */
  readonly #newcomers = new Map<NodeId, FrameSocket>();

  constructor(setup: SocketLinkSetup<M>) {
    super();
    this.#setup = setup;
    for (const [peer, path] of setup.peers) this.addPeer(peer, path);
  }

  /** From now on there is this peer, too. */
  addPeer(peer: NodeId, path: string): void {
    if (this.isClosed || this.lines.has(peer)) return;
    const line = new OutgoingLine(this.#setup, peer, path, () => this.relieved());
    this.lines.set(peer, line);
    line.dial();
  }

  protected holdLine(from: NodeId, held: boolean): void {
    const frames = this.#incoming.get(from);
    if (held) frames?.stopReading();
    else frames?.readOn();
  }

  send(to: NodeId, messages: readonly M[]): void {
    this.noteSend(this.lines.get(to)?.send(messages), to, messages);
  }

  /** Closes the connection of a peer that has sent what nobody may. */
  refuse(from: NodeId, why: string): void {
    const frames = this.#incoming.get(from);
    if (frames === undefined) return;
    this.#setup.log(`link from ${from} closed: ${why}`);
    frames.destroy();
  }

  /** Takes over a connection on which a peer has said hello; `items` came right behind it. */
  accept(from: NodeId, frames: FrameSocket, items: FrameItems): void {
    if (this.isClosed) {
      frames.destroy();
      return;
    }
    // A peer has one connection to us. A new one takes the place of the old with its first good message, not before: a
    // hello alone, which anybody who knows the cluster's id can say, must not cut the link.
    this.#newcomers.get(from)?.destroy();
    this.#newcomers.set(from, frames);
    frames.handlers = {
      onItems: (more, bytes) => this.#deliver(from, frames, more, bytes),
      onBroken: (reason) => {
        this.#setup.log(`link from ${from} closed: ${reason}`);
        frames.destroy();
      },
      onClosed: () => {
        for (const known of [this.#incoming, this.#newcomers]) {
          if (known.get(from) === frames) known.delete(from);
        }
      },
    };
    // Who dials us is up: no need to wait for the next attempt the other way.
    this.lines.get(from)?.dialNow();
    if (items.left > 0) this.#deliver(from, frames, items, 0);
  }

  close(): void {
    this.isClosed = true;
    for (const line of this.lines.values()) line.close();
    for (const known of [this.#incoming, this.#newcomers]) {
      for (const frames of known.values()) frames.destroy();
      known.clear();
    }
    this.lines.clear();
  }

  #deliver(from: NodeId, frames: FrameSocket, items: FrameItems, bytes: number): void {
    if (this.isClosed) return;
    const messages = items.rest(this.#setup.message);
    if (this.#newcomers.get(from) === frames) {
      this.#newcomers.delete(from);
      this.#incoming.get(from)?.destroy();
      this.#incoming.set(from, frames);
      if (this.held.has(from)) frames.stopReading();
    }
    this.handler(from, messages, bytes);
  }
}

/** The connection that one node dials to one peer, again and again. */
class OutgoingLine<M> implements Carrier {
  readonly #setup: SocketLinkSetup<M>;
  readonly #peer: NodeId;
  readonly #path: string;
  readonly #onRelief: () => void;
  readonly queue: SendQueue<M>;
  #frames: FrameSocket | null = null;
  #connectedAt: Millis | null = null;
  #pauseMs: Millis = socketLinkLimits.pauseMsMin;
  #cancelRetry: (() => void) | null = null;
  #wasUp = false;
  #closed = false;

  constructor(setup: SocketLinkSetup<M>, peer: NodeId, path: string, onRelief: () => void) {
    this.#setup = setup;
    this.#peer = peer;
    this.#path = path;
    this.#onRelief = onRelief;
    this.queue = new SendQueue(this, setup.message, () => setup.clock.now());
  }

  get bytesInTransit(): number {
    return this.#frames?.bytesWaiting ?? 0;
  }

  /** False when there is no room, `null` when there is no connection. */
  send(messages: readonly M[]): boolean | null {
    if (this.#frames === null || this.#connectedAt === null) return null;
    return this.queue.send(messages);
  }

  /** Of its queue. */
  write(frame: Uint8Array): void {
    this.#frames?.writeFrame(frame);
  }

  dial(): void {
    this.#cancelRetry = null;
    const frames = new FrameSocket((take) => dialStraight(this.#path, take), {
      // A peer answers nothing here but, at most, why it closes.
      onItems: (items) => this.#onTurnedAway(frames, items),
      onBroken: () => frames.destroy(),
      onClosed: (reason) => this.#onClosed(reason),
    });
    this.#frames = frames;
    frames.onDrain(() => {
      this.queue.onProgress();
      this.#onRelief();
    });
    frames.socket.once('connect', () => this.#onConnect(frames));
  }

  /** Dials at once if the line is waiting for its next attempt. */
  dialNow(): void {
    if (this.#cancelRetry === null) return;
    this.#cancelRetry();
    this.dial();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#frames?.destroy();
  }

  #onTurnedAway(frames: FrameSocket, items: FrameItems): void {
    const frame = items.next(serverFrame);
    if (frame.type !== 'closing') throw new ShapeError(`a peer does not send ${frame.type}`);
    this.#setup.log(`${this.#peer} turns us away: ${oneLine(frame.reason, reasonCharsMax)}`);
    frames.destroy();
  }

  #onConnect(frames: FrameSocket): void {
    const { self, cluster, clock } = this.#setup;
    const incarnation = this.#setup.incarnation();
    const greeting = {
      type: 'peer',
      version: framesVersion,
      cluster,
      from: self,
      incarnation,
    } as const;
    frames.write(hello, [greeting]);
    this.#connectedAt = clock.now();
    if (!this.#wasUp) this.#setup.log(`link to ${this.#peer} is up`);
    this.#wasUp = true;
  }

  #onClosed(reason: string | null): void {
    const { clock, random } = this.#setup;
    const lastedMs = this.#connectedAt === null ? 0 : clock.now() - this.#connectedAt;
    this.#frames = null;
    this.#connectedAt = null;
    this.queue.clear();
    if (this.#closed) return;
    if (this.#wasUp) this.#setup.log(`link to ${this.#peer} is down: ${reason ?? 'closed'}`);
    this.#wasUp = false;
    if (lastedMs >= socketLinkLimits.goodAfterMs) this.#pauseMs = socketLinkLimits.pauseMsMin;
    const pauseMs = this.#pauseMs * (0.5 + random.next());
    this.#pauseMs = Math.min(this.#pauseMs * 2, socketLinkLimits.pauseMsMax);
    this.#cancelRetry = clock.at(clock.now() + pauseMs, () => this.dial());
  }
}
