import type { NodeId } from '../core/ids.js';
import { turnLimits } from '../core/limits.js';
import { Fifo } from './fifo.js';
import type { Position } from './ports.js';

interface Batch<M> {
  readonly from: NodeId;
  readonly messages: readonly M[];
  readonly bytes: number;
}

/** What the inbox needs of a link. */
interface Held {
  hold(from: NodeId, held: boolean): void;
}

/** Turns that took less are not worth a note of their own. */
const notedBytesMin = 16 * 1024;

/**
 * Messages of peers that wait for a turn, within bounds of bytes: a peer that sends faster than this node works or its
 * disk syncs is not read meanwhile, so that what waits does so at the sender, which then takes less from its clients.
 */
export class Inbox<M> {
  readonly #link: Held;
  readonly #batches = new Fifo<Batch<M>>();
  /** Peers that are not read at present. */
  readonly #held = new Set<NodeId>();
  #messagesWaiting = 0;
  /** Messages that found too many waiting. */
  lostCount = 0;
  #bytesWaiting = 0;
  /** Bytes of the messages that this turn took. */
  #bytesTaken = 0;
  /** The same of turns whose records are not durable yet. */
  readonly #undurable = new Fifo<{ readonly position: Position; readonly bytes: number }>();
  #bytesUndurable = 0;

  constructor(link: Held) {
    this.#link = link;
  }

  get messagesWaiting(): number {
    return this.#messagesWaiting;
  }

  get bytesWaiting(): number {
    return this.#bytesWaiting;
  }

  /** Something waits that a turn may take. */
  get hasMore(): boolean {
    return this.#batches.length > 0 && this.#bytesUndurable < turnLimits.bytesUndurableMax;
  }

  /** False when the batch is lost, because too many wait. */
  push(from: NodeId, messages: readonly M[], bytes: number): boolean {
    if (this.#messagesWaiting + messages.length > turnLimits.messagesWaitingMax) {
      this.lostCount += messages.length;
      return false;
    }
    this.#batches.push({ from, messages, bytes });
    this.#messagesWaiting += messages.length;
    this.#bytesWaiting += bytes;
    if (bytes > 0 && this.#bytesWaiting > turnLimits.bytesWaitingHold && !this.#held.has(from)) {
      this.#held.add(from);
      this.#link.hold(from, true);
    }
    return true;
  }

  /** The next batch that this turn may take; `null` when there is none. */
  take(): Batch<M> | null {
    if (this.#bytesTaken >= turnLimits.bytesMax || !this.hasMore) return null;
    const batch = this.#batches.shift();
    if (batch === undefined) return null;
    this.#messagesWaiting -= batch.messages.length;
    this.#bytesWaiting -= batch.bytes;
    this.#bytesTaken += batch.bytes;
    if (this.#held.size > 0 && this.#bytesWaiting < turnLimits.bytesWaitingRelease) this.#release();
    return batch;
  }

  /** What the turn persisted stands in the journal up to `appended`. */
  endTurn(appended: Position, durable: Position): void {
    if (this.#bytesTaken >= notedBytesMin && appended > durable) {
      this.#undurable.push({ position: appended, bytes: this.#bytesTaken });
      this.#bytesUndurable += this.#bytesTaken;
    }
    this.#bytesTaken = 0;
  }

  /** True when messages may be taken that had to wait for the disk. */
  onDurable(durable: Position): boolean {
    if (this.#undurable.length === 0) return false;
    for (;;) {
      const oldest = this.#undurable.peek();
      if (oldest === undefined || oldest.position > durable) break;
      this.#undurable.shift();
      this.#bytesUndurable -= oldest.bytes;
    }
    return this.hasMore;
  }

  #release(): void {
    for (const from of this.#held) this.#link.hold(from, false);
    this.#held.clear();
  }
}
