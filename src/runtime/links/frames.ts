/**
 * Frames: a 4-byte big-endian length, then that many bytes of CBOR. The same on every socket of kvx.
 *
 * What goes to one receiver in one turn shares a frame: a frame's body is a list of items.
 */
import { frameBytesMax } from '../../core/limits.js';
import { decodeCbor, encodeCbor, itemsAnnounced } from '../cbor.js';
import { weightOf, weightOfAll } from './weight.js';

const headerBytes = 4;

/** A stream that can't be read on: a frame too large or not a list. Close the connection it came from. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Items that share a frame are about as large together as this, and no more than so many. */
const frameBytesTarget = 256 * 1024;
const frameItemsMax = 1024;

/**
 * Frames that carry `items` in order, several when one would be large. Each stands in a buffer of its own, which may be
 * transferred. `bytesOfAll`: what they weigh, from whoever has weighed them. Throws {@link FrameError} when a single item
 * is too large.
 */
export function encodeFrames(
  items: readonly unknown[],
  bytesOfAll = items.length === 1 ? 0 : weightOfAll(items),
): Uint8Array[] {
  const isOne = bytesOfAll <= frameBytesTarget && items.length <= frameItemsMax;
  if (isOne || items.length === 1) return [encodeFrame(items)];
  const frames: Uint8Array[] = [];
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < items.length; at++) {
    const more = weightOf(items[at]);
    if (at > start && (bytes + more > frameBytesTarget || at - start >= frameItemsMax)) {
      frames.push(encodeFrame(items.slice(start, at)));
      start = at;
      bytes = 0;
    }
    bytes += more;
  }
  frames.push(encodeFrame(start === 0 ? items : items.slice(start)));
  return frames;
}

function encodeFrame(items: readonly unknown[]): Uint8Array {
  const body = encodeCbor(items);
  if (body.length > frameBytesMax) {
    throw new FrameError(`an item of ${body.length} bytes is too large, at most ${frameBytesMax}`);
  }
  const frame = new Uint8Array(headerBytes + body.length);
  for (let at = 0; at < headerBytes; at++) frame[at] = body.length >>> (8 * (headerBytes - 1 - at));
  frame.set(body, headerBytes);
  return frame;
}

/** What a reader takes from the other side. */
export interface ReadLimits {
  readonly frameBytesMax: number;
  readonly itemsMax: number;
  /** About what the items of one frame may take in memory. */
  readonly memoryMax: number;
  /** The same for each of its bytes, beyond a small frame. */
  readonly memoryPerByte: number;
}

const mebibyte = 1024 * 1024;

/**
 * How much each is trusted with. Before a good hello nobody needs more than a hello. A client needs most for the longest
 * transaction of the smallest steps, which takes 18 times its bytes; a peer's messages have smaller things in them.
 */
export const readLimits = {
  stranger: { frameBytesMax: 1024, itemsMax: 16, memoryMax: 64 * 1024, memoryPerByte: 64 },
  client: { frameBytesMax, itemsMax: frameItemsMax, memoryMax: 8 * mebibyte, memoryPerByte: 20 },
  peer: { frameBytesMax, itemsMax: frameItemsMax, memoryMax: 64 * mebibyte, memoryPerByte: 64 },
} as const satisfies Record<string, ReadLimits>;

/** Of a small frame nobody counts how much memory it takes for a byte. */
const memoryOfSmall = mebibyte;

/** A frame that has begun is gathered in a buffer that grows as it comes: what a header promises costs nothing. */
const bufferBytesMin = 1024;
/** When so much of it has come, the rest may be expected. */
const wholeFromBytes = 64 * 1024;
const noBuffer = new Uint8Array();

/** Cuts a stream of bytes back into frames, however the stream is chopped up. */
export class FrameReader {
  /** May change between two frames. */
  limits: ReadLimits;
  /** The length that the header's bytes so far make. */
  #header = 0;
  #headerFilled = 0;
  /** Of the frame that has begun; 0 between frames. */
  bytesExpected = 0;
  #buffer = noBuffer;
  /** How much of that frame is here. */
  bytesGathered = 0;

  constructor(limits: ReadLimits = readLimits.peer) {
    this.limits = limits;
  }

  /**
   * Takes the next bytes of the stream, and hands on the items of each frame that they complete and how many bytes it
   * took. Throws {@link FrameError} or `CborError` when the stream is not one of frames; it can't be read on then.
   */
  push(chunk: Uint8Array, take: (items: readonly unknown[], bytes: number) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.bytesExpected === 0) {
        at = this.#readHeader(chunk, at);
        continue;
      }
      const missing = this.bytesExpected - this.bytesGathered;
      const end = Math.min(at + missing, chunk.length);
      if (this.bytesGathered === 0 && end - at === missing) {
        this.#finish(chunk.subarray(at, end), take);
      } else {
        this.#gather(chunk.subarray(at, end));
        if (end - at === missing) this.#finish(this.#buffer.subarray(0, this.bytesExpected), take);
      }
      at = end;
    }
  }

  /** Returns where the body begins, or the end of the chunk. */
  #readHeader(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#headerFilled < headerBytes) {
      this.#header = this.#header * 256 + (chunk[at++] as number);
      this.#headerFilled++;
    }
    if (this.#headerFilled < headerBytes) return at;
    const length = this.#header;
    this.#header = 0;
    this.#headerFilled = 0;
    const { frameBytesMax } = this.limits;
    if (length === 0) throw new FrameError('an empty frame');
    if (length > frameBytesMax) {
      throw new FrameError(`a frame of ${length} bytes is too large, at most ${frameBytesMax}`);
    }
    this.bytesExpected = length;
    return at;
  }

  #gather(bytes: Uint8Array): void {
    const needed = this.bytesGathered + bytes.length;
    if (needed > this.#buffer.length) {
      const room =
        needed > wholeFromBytes
          ? this.bytesExpected
          : Math.max(needed, 2 * this.#buffer.length, bufferBytesMin);
      const larger = new Uint8Array(Math.min(room, this.bytesExpected));
      larger.set(this.#buffer.subarray(0, this.bytesGathered));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.bytesGathered);
    this.bytesGathered = needed;
  }

  #finish(body: Uint8Array, take: (items: readonly unknown[], bytes: number) => void): void {
    this.bytesExpected = 0;
    this.bytesGathered = 0;
    this.#buffer = noBuffer;
    const { itemsMax, memoryMax, memoryPerByte } = this.limits;
    const count = itemsAnnounced(body);
    if (count > itemsMax) throw new FrameError(`a frame of ${count} items, at most ${itemsMax}`);
    const memory = Math.max(memoryOfSmall, body.length * memoryPerByte);
    // What a socket or a port hands over is nobody else's any more.
    const items = decodeCbor(body, Math.min(memory, memoryMax), true);
    if (!Array.isArray(items)) throw new FrameError('a frame must hold a list');
    if (items.length === 0) throw new FrameError('a frame must hold something');
    take(items, headerBytes + body.length);
  }
}
