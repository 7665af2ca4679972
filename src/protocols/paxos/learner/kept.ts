/**
 * What is kept packed for a while and dropped about in the order in which it came: in one buffer, used round and round. In
 * buffers of their own they would grow old, and of what has grown old every few megabytes cost a full collection.
 */
import type { Packed } from '../../../core/wire.js';

/** The first is small, so that thousands of nearly idle replicas fit into one process. */
const bytesMin = 1024;
/** What is longer stays where it is. */
const copiedBytesMax = 256 * 1024;

export class Kept {
  readonly packed: Packed;
  /** `null`: it has a buffer of its own. */
  readonly buffer: Uint8Array | null;
  readonly begin: number;
  isDropped = false;
  /** Came after it. */
  next: Kept | null = null;

  constructor(packed: Packed, buffer: Uint8Array | null, begin: number) {
    this.packed = packed;
    this.buffer = buffer;
    this.begin = begin;
  }
}

export class KeptBytes {
  #buffer = new Uint8Array(bytesMin);
  /** Where the next goes. */
  #end = 0;
  /** Of those in this buffer, as all below. What was dropped before an older one still counts. */
  #oldest: Kept | null = null;
  #newest: Kept | null = null;
  #bytes = 0;

  keep(packed: Packed): Kept {
    const { length } = packed;
    if (length > copiedBytesMax) return new Kept(packed, null, 0);
    const at = this.#room(length);
    const kept = new Kept(packed.copiedTo(this.#buffer, at), this.#buffer, at);
    this.#end = at + length;
    this.#bytes += length;
    if (this.#newest === null) this.#oldest = kept;
    else this.#newest.next = kept;
    this.#newest = kept;
    return kept;
  }

  /** It must not be read any more: something else takes its place. */
  drop(kept: Kept): void {
    kept.isDropped = true;
    while (this.#oldest?.isDropped) {
      this.#bytes -= this.#oldest.packed.length;
      this.#oldest = this.#oldest.next;
    }
    if (this.#oldest === null) this.#newest = null;
  }

  /** Behind the newest, at the begin once the end is reached; in another buffer when this one is full, or far too large. */
  #room(length: number): number {
    if (this.#oldest === null) this.#end = 0;
    const begin = this.#oldest?.begin ?? 0;
    const isRound = this.#oldest !== null && this.#end <= begin;
    const limit = isRound ? begin : this.#buffer.length;
    if (this.#end + length <= limit) return this.#end;
    const needed = 2 * (this.#bytes + length);
    const isTooLarge = this.#buffer.length > Math.max(bytesMin, 4 * needed);
    if (!isRound && length <= begin && !isTooLarge) return 0;
    // Those in the old one keep it until they are dropped.
    let bytes = bytesMin;
    while (bytes < needed) bytes *= 2;
    this.#buffer = new Uint8Array(bytes);
    this.#oldest = null;
    this.#newest = null;
    this.#bytes = 0;
    return 0;
  }
}
