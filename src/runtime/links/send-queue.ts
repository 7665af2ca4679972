import type { Millis } from '../../core/ids.js';
import { linkLimits } from '../../core/limits.js';
import { Fifo } from '../fifo.js';
import { weightOf, weightOfAll } from './weight.js';

/** How a socket or a port takes what is sent. */
export interface Carrier {
  /** Bytes it was given and has not got rid of. */
  readonly bytesInTransit: number;
  /** `bytes`: what they weigh. */
  write(items: readonly unknown[], bytes: number): void;
}

interface Item {
  readonly wire: unknown;
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
export class SendQueue {
  readonly #carrier: Carrier;
  readonly #now: () => Millis;
  readonly #items = new Fifo<Item>();
  /** Batches that found no room, and messages that a stalled peer lost. */
  lostCount = 0;
  #bytes = 0;
  /** When the peer last took something, or something began to wait. */
  #progressAt: Millis = 0;

  constructor(carrier: Carrier, now: () => Millis) {
    this.#carrier = carrier;
    this.#now = now;
  }

  /** Bytes that wait for a peer that takes them; 0 when it has stalled. */
  get bytesWaiting(): number {
    return this.#bytes > 0 && this.#hasStalled ? 0 : this.#bytes;
  }

  /** False when there is no room. */
  send(items: readonly unknown[]): boolean {
    const bytes = weightOfAll(items);
    if (this.#bytes === 0) {
      if (bytes <= linkLimits.bytesInTransit && this.#hasRoom) {
        this.#carrier.write(items, bytes);
        return true;
      }
      this.#progressAt = this.#now();
    } else if (!this.#mayWait(bytes)) {
      this.lostCount++;
      return false;
    }
    for (const wire of items) this.#items.push({ wire, bytes: weightOf(wire) });
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
      const before = this.#bytes;
      const items = this.#take();
      this.#carrier.write(items, before - this.#bytes);
    }
  }

  /** The connection is gone, and what waited for it. */
  clear(): void {
    this.lostCount += this.#items.length;
    this.#items.clear();
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
    this.#bytes -= this.#items.shift()?.bytes ?? this.#bytes;
    this.lostCount++;
  }

  /** What has waited longest: about as much as fits, and at least one item. */
  #take(): unknown[] {
    const taken: unknown[] = [];
    let room = linkLimits.bytesInTransit - this.#carrier.bytesInTransit;
    while (room > 0) {
      const item = this.#items.shift();
      if (item === undefined) break;
      taken.push(item.wire);
      this.#bytes -= item.bytes;
      room -= item.bytes;
    }
    return taken;
  }
}
