import type { Millis } from '../../core/ids.js';
import { linkLimits } from '../../core/limits.js';
import type { Shape } from '../../core/wire.js';
import { Fifo } from '../fifo.js';
import { writeFrames } from './frames.js';
import { weightOf } from './weight.js';

/** How a socket or a ring takes what is sent. */
export interface Carrier {
  /** Bytes it was given and has not got rid of. */
  readonly bytesInTransit: number;
  /** Takes a frame, which it must copy: the next is made in its place. */
  write(frame: Uint8Array): void;
}

interface Waiting<M> {
  readonly message: M;
  readonly bytes: number;
}

/**
 * What one node has to say to one peer, behind a carrier that is given only so much at a time. What waits here does so
 * as the messages that the protocol made: their values are those of its store, so that they take memory once, however
 * many peers they are for, and are encoded when they leave.
 *
 * A peer that takes nothing for a while has stalled: it is stopped, or gone. Then the queue gives up all but a little,
 * and keeps nobody waiting. Links may lose messages, and protocols send again what matters.
 */
export class SendQueue<M> {
  readonly #carrier: Carrier;
  readonly #now: () => Millis;
  readonly #message: Shape<M>;
  readonly #waiting = new Fifo<Waiting<M>>();
  /** Batches that found no room, and messages that a stalled peer lost. */
  lostCount = 0;
  /** Of frames that the carrier was given. */
  sentBytes = 0;
  #bytes = 0;
  /** When the peer last took something, or something began to wait. */
  #progressAt: Millis = 0;

  constructor(carrier: Carrier, message: Shape<M>, now: () => Millis) {
    this.#carrier = carrier;
    this.#message = message;
    this.#now = now;
  }

  /** Bytes that wait for a peer that takes them; 0 when it has stalled. */
  get bytesWaiting(): number {
    return this.#bytes > 0 && this.#hasStalled ? 0 : this.#bytes;
  }

  /** False when there is no room. */
  send(messages: readonly M[]): boolean {
    const sent = this.#bytes === 0 && this.#hasRoom ? this.#writeSome(messages) : 0;
    if (sent === messages.length) return true;
    const rest = messages.slice(sent).map((message) => {
      return { message, bytes: weightOf(this.#message, message) };
    });
    const bytes = rest.reduce((sum, each) => sum + each.bytes, 0);
    if (this.#bytes === 0) this.#progressAt = this.#now();
    else if (!this.#mayWait(bytes)) {
      this.lostCount++;
      return false;
    }
    for (const each of rest) this.#waiting.push(each);
    this.#bytes += bytes;
    this.pump();
    return true;
  }

  /** The carrier has got rid of something. */
  onProgress(): void {
    if (this.#bytes === 0) return;
    this.#progressAt = this.#now();
    this.pump();
  }

  pump(): void {
    while (this.#bytes > 0 && this.#hasRoom) {
      writeFrames(this.#message, this.#take(), (frame) => this.#write(frame));
    }
  }

  /** The connection is gone, and what waited for it. */
  clear(): void {
    this.lostCount += this.#waiting.length;
    this.#waiting.clear();
    this.#bytes = 0;
  }

  get #hasRoom(): boolean {
    return this.#carrier.bytesInTransit < linkLimits.bytesInTransit;
  }

  get #hasStalled(): boolean {
    return this.#now() - this.#progressAt >= linkLimits.stalledMs;
  }

  #mayWait(bytes: number): boolean {
    if (this.#hasStalled) {
      while (this.#bytes > linkLimits.bytesStalledMax) this.#drop();
      return this.#bytes + bytes <= linkLimits.bytesStalledMax;
    }
    return this.#bytes + bytes <= linkLimits.bytesWaitingMax;
  }

  #drop(): void {
    this.#bytes -= this.#waiting.shift()?.bytes ?? this.#bytes;
    this.lostCount++;
  }

  /** Frame by frame while there is room; returns how many messages have left. */
  #writeSome(messages: readonly M[]): number {
    return writeFrames(this.#message, messages, (frame) => {
      this.#write(frame);
      return this.#hasRoom;
    });
  }

  #write(frame: Uint8Array): void {
    this.sentBytes += frame.length;
    this.#carrier.write(frame);
  }

  /** What has waited longest: about as much as fits, and at least one message. */
  #take(): M[] {
    const taken: M[] = [];
    let room = linkLimits.bytesInTransit - this.#carrier.bytesInTransit;
    while (room > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      taken.push(next.message);
      this.#bytes -= next.bytes;
      room -= next.bytes;
    }
    return taken;
  }
}
