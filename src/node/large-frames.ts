/**
 * Room for the large frames that come in at a node, over all its clients' connections: half frames are memory, too.
 *
 * A frame that is not small gets room for all of it before more of it is read, or its connection waits, unread, for room.
 * The smallest of those that wait is the next, unless the one that has waited for longest was passed over too often.
 * Whoever has room and sends nothing makes room for those who wait: its connection is given up. Without anybody waiting a
 * frame may take longer, but not for ever.
 */
import { TransientMap } from '../core/transient.js';

export const largeFrameLimits = {
  /** Frames up to this size need no room: a thousand of them are a few megabytes. */
  smallBytesMax: 8 * 1024,
  /** For frames that have room: two of the largest. */
  bytesMax: 8 * 1024 * 1024,
  /** Connections that wait, each with what its last read brought in; past it the one that has waited for longest goes. */
  waitingMax: 256,
  passedOverMax: 16,
  tickMs: 100,
  /** A frame that came no further in so many ticks has stopped. A program that gets no time for a while is no attacker. */
  stoppedTicks: 5,
  /** To come further is to bring at least so much in one tick. */
  bytesPerTick: 4 * 1024,
  /** A frame that is not whole after so many ticks never will be. */
  ticksMax: 100,
} as const;

/** A connection in the middle of a large frame. */
export interface LargeFrame {
  /** How much of it is here. */
  readonly bytesGathered: number;
  /** There is room: read on. */
  admit(): void;
  giveUp(reason: string): void;
}

interface Room {
  readonly bytes: number;
  ticks: number;
  /** Ticks without progress, and where it stood at the last one. */
  idleTicks: number;
  gathered: number;
}

interface Waiting {
  readonly frame: LargeFrame;
  readonly bytes: number;
  passedOver: number;
}

export class LargeFrames {
  readonly #rooms = new TransientMap<LargeFrame, Room>();
  /** In the order in which they came. */
  readonly #waiting = new TransientMap<LargeFrame, Waiting>();
  #bytesLeft: number = largeFrameLimits.bytesMax;
  #timer: NodeJS.Timeout | null = null;

  /** True when the frame has room; otherwise it waits for {@link LargeFrame.admit}. */
  enter(frame: LargeFrame, bytes: number): boolean {
    this.#timer ??= setInterval(() => this.tick(), largeFrameLimits.tickMs).unref();
    if (this.#waiting.size === 0 && bytes <= this.#bytesLeft) {
      this.#give(frame, bytes);
      return true;
    }
    this.#waiting.set(frame, { frame, bytes, passedOver: 0 });
    if (this.#waiting.size > largeFrameLimits.waitingMax) {
      const [oldest] = this.#waiting.keys() as Iterable<LargeFrame> as [LargeFrame];
      this.#drop(oldest, 'too many large frames at once');
    }
    return false;
  }

  /** The frame is whole, or its connection gone. */
  leave(frame: LargeFrame): void {
    this.#waiting.delete(frame);
    const room = this.#rooms.get(frame);
    if (room === undefined) return;
    this.#rooms.delete(frame);
    this.#bytesLeft += room.bytes;
    this.#admitNext();
    if (this.#rooms.size === 0) this.close();
  }

  /**
   * Counts in ticks that this node has lived through, not in time: a node that stood still for a while has not read what
   * has come meanwhile.
   */
  tick(): void {
    const { ticksMax, bytesPerTick, stoppedTicks } = largeFrameLimits;
    for (const [frame, room] of this.#rooms) {
      room.ticks++;
      room.idleTicks = frame.bytesGathered - room.gathered < bytesPerTick ? room.idleTicks + 1 : 0;
      room.gathered = frame.bytesGathered;
      const hasStopped = this.#waiting.size > 0 && room.idleTicks >= stoppedTicks;
      if (hasStopped || room.ticks > ticksMax) this.#drop(frame, 'a frame came too slowly');
    }
  }

  #admitNext(): void {
    for (let next = this.#next(); next !== null; next = this.#next()) {
      if (next.bytes > this.#bytesLeft) return;
      for (const older of this.#waiting.values()) {
        if (older === next) break;
        older.passedOver++;
      }
      this.#waiting.delete(next.frame);
      this.#give(next.frame, next.bytes);
      next.frame.admit();
    }
  }

  #next(): Waiting | null {
    let next: Waiting | null = null;
    for (const waiting of this.#waiting.values()) {
      // The oldest comes first here.
      if (next === null && waiting.passedOver >= largeFrameLimits.passedOverMax) return waiting;
      if (next === null || waiting.bytes < next.bytes) next = waiting;
    }
    return next;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #give(frame: LargeFrame, bytes: number): void {
    this.#bytesLeft -= bytes;
    this.#rooms.set(frame, { bytes, ticks: 0, idleTicks: 0, gathered: 0 });
  }

  #drop(frame: LargeFrame, reason: string): void {
    this.leave(frame);
    frame.giveUp(reason);
  }
}
