/**
 * Room for the large frames that come in at a node, over all its clients' connections: half frames are memory, too.
 *
 * A frame that is not small gets room for all of it before more of it is read, or its connection waits, unread, for room.
 * Whoever has room and does not use it makes room for those who wait: a frame that comes slower than a machine's own
 * memory could bring it, many times over, is given up, and its connection with it. Without anybody waiting a frame may
 * take longer, but not for ever.
 */

export const largeFrameLimits = {
  /** Frames up to this size need no room: a thousand of them are a few megabytes. */
  smallBytesMax: 8 * 1024,
  /** For frames that have room. One that is larger than what is left gets none, so at least four have room. */
  bytesMax: 16 * 1024 * 1024,
  /** Connections that wait, each with what its last read brought in; past it the one that has waited for longest goes. */
  waitingMax: 256,
  tickMs: 100,
  /** From the second tick on, while others wait, a frame must have come at this rate. */
  bytesPerTick: 512 * 1024,
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
}

export class LargeFrames {
  readonly #rooms = new Map<LargeFrame, Room>();
  /** In the order in which they came; with the size of each. */
  readonly #waiting = new Map<LargeFrame, number>();
  #bytesLeft: number = largeFrameLimits.bytesMax;
  #timer: NodeJS.Timeout | null = null;

  /** True when the frame has room; otherwise it waits for {@link LargeFrame.admit}. */
  enter(frame: LargeFrame, bytes: number): boolean {
    this.#timer ??= setInterval(() => this.tick(), largeFrameLimits.tickMs).unref();
    if (this.#waiting.size === 0 && bytes <= this.#bytesLeft) {
      this.#give(frame, bytes);
      return true;
    }
    this.#waiting.set(frame, bytes);
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
    for (const [next, bytes] of this.#waiting) {
      if (bytes > this.#bytesLeft) break;
      this.#waiting.delete(next);
      this.#give(next, bytes);
      next.admit();
    }
    if (this.#rooms.size === 0) this.close();
  }

  /**
   * Counts in ticks that this node has lived through, not in time: a node that stood still for a while has not read what
   * has come meanwhile.
   */
  tick(): void {
    const { ticksMax, bytesPerTick } = largeFrameLimits;
    for (const [frame, room] of this.#rooms) {
      room.ticks++;
      const expected = (room.ticks - 1) * bytesPerTick;
      const isSlow = this.#waiting.size > 0 && frame.bytesGathered < expected;
      if (isSlow || room.ticks > ticksMax) this.#drop(frame, 'a frame came too slowly');
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #give(frame: LargeFrame, bytes: number): void {
    this.#bytesLeft -= bytes;
    this.#rooms.set(frame, { bytes, ticks: 0 });
  }

  #drop(frame: LargeFrame, reason: string): void {
    this.leave(frame);
    frame.giveUp(reason);
  }
}
