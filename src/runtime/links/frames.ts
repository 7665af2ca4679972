/**
 * Frames: a 4-byte big-endian length, then that many bytes of CBOR. The same on every socket of kvx.
 *
 * What goes to one receiver in one turn shares a frame: a frame's body is a list of items.
 */
import { frameBytesMax } from '../../core/limits.js';
import type { Shape } from '../../core/wire.js';
import { CborReader } from '../cbor-reader.js';
import { CborWriter } from '../cbor-writer.js';

const headerBytes = 4;

/** A stream that can't be read on: a frame too large or not a list. Close the connection it came from. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Items that share a frame are about as large together as this, and no more than so many. */
const frameBytesTarget = 256 * 1024;
const frameItemsMax = 1024;

const writer = new CborWriter();
/** Where items begin: behind the header and the head of their list. */
const itemsFrom = headerBytes + 3;

/**
 * Hands on frames that carry the values in order, several when one would be large. Each is a view that is good until
 * `take` returns; no more are made when it returns false. Returns how many values were handed on. Throws {@link FrameError}
 * when a single one is too large.
 */
export function writeFrames<T>(
  shape: Shape<T>,
  values: readonly T[],
  take: (frame: Uint8Array) => unknown,
): number {
  writer.truncate(0);
  writer.skip(itemsFrom);
  let first = 0;
  for (let at = 0; at < values.length; at++) {
    const before = writer.length;
    shape.write(values[at] as T, writer);
    const isFull = writer.length > itemsFrom + frameBytesTarget || at - first >= frameItemsMax;
    if (!isFull || at === first) continue;
    const bytes = writer.written();
    if (take(sealFrame(bytes.subarray(0, before), at - first)) === false) return at;
    bytes.copyWithin(itemsFrom, before);
    writer.truncate(itemsFrom + bytes.length - before);
    first = at;
  }
  if (first < values.length) take(sealFrame(writer.written(), values.length - first));
  return values.length;
}

/** Puts the heads of so many items, at most {@link frameItemsMax}, right before them. */
function sealFrame(bytes: Uint8Array, count: number): Uint8Array {
  let start = itemsFrom;
  bytes[--start] = count < 24 ? 0x80 | count : count;
  if (count >= 0x100) bytes[--start] = count >> 8;
  if (count >= 24) bytes[--start] = count < 0x100 ? 0x98 : 0x99;
  const length = bytes.length - start;
  if (length > frameBytesMax) {
    throw new FrameError(`an item of ${length} bytes is too large, at most ${frameBytesMax}`);
  }
  for (let shift = 0; shift < 8 * headerBytes; shift += 8) bytes[--start] = length >>> shift;
  return bytes.subarray(start);
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

/** What a frame holds, to be read while it is handed on. */
export class FrameItems {
  readonly #reader: CborReader;
  /** How many have not been read. */
  left: number;

  constructor(reader: CborReader, count: number) {
    this.#reader = reader;
    this.left = count;
  }

  /** The next one, which must be there. Throws a `CborError` or a {@link ShapeError}. */
  next<T>(shape: Shape<T>): T {
    const value = shape.read(this.#reader);
    if (--this.left === 0) this.#reader.close();
    return value;
  }

  rest<T>(shape: Shape<T>): T[] {
    const values = new Array<T>(this.left);
    for (let at = 0; at < values.length; at++) values[at] = this.next(shape);
    return values;
  }
}

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
  readonly #chunksAreOurs: boolean;
  readonly #cbor = new CborReader(true);
  /** How much of that frame is here. */
  bytesGathered = 0;

  /** `chunksAreOurs`: nobody will write to what is pushed, and large values may stay in it. */
  constructor(limits: ReadLimits = readLimits.peer, chunksAreOurs = true) {
    this.limits = limits;
    this.#chunksAreOurs = chunksAreOurs;
  }

  /**
   * Takes the next bytes of the stream, those of `chunk` from `start` up to `end`, and hands on the items of each frame that
   * they complete, to be read at once, and how many bytes it took. Throws {@link FrameError} or `CborError` when the stream
   * is not one of frames; it can't be read on then.
   */
  push(chunk: Uint8Array, take: TakeItems, start = 0, end = chunk.length): void {
    let at = start;
    while (at < end) {
      if (this.bytesExpected === 0) {
        at = this.#readHeader(chunk, at, end);
        continue;
      }
      const missing = this.bytesExpected - this.bytesGathered;
      const next = Math.min(at + missing, end);
      const isWhole = next - at === missing;
      if (this.bytesGathered === 0 && isWhole) {
        this.#finish(chunk, at, next, this.#chunksAreOurs, take);
      } else {
        this.#gather(chunk.subarray(at, next));
        if (isWhole) this.#finish(this.#buffer, 0, this.bytesExpected, true, take);
      }
      at = next;
    }
  }

  /** Returns where the body begins, or the end of the chunk. */
  #readHeader(chunk: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && this.#headerFilled < headerBytes) {
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

  #finish(bytes: Uint8Array, start: number, end: number, isOurs: boolean, take: TakeItems): void {
    this.bytesExpected = 0;
    this.bytesGathered = 0;
    this.#buffer = noBuffer;
    const { itemsMax, memoryMax, memoryPerByte } = this.limits;
    const length = end - start;
    const memory = Math.min(Math.max(memoryOfSmall, length * memoryPerByte), memoryMax);
    const count = this.#cbor.open(bytes, memory, isOurs, start, end).list();
    if (count < 0) throw new FrameError('a frame must hold a list');
    if (count === 0) throw new FrameError('a frame must hold something');
    if (count > itemsMax) throw new FrameError(`a frame of ${count} items, at most ${itemsMax}`);
    take(new FrameItems(this.#cbor, count), headerBytes + length);
  }
}

type TakeItems = (items: FrameItems, bytes: number) => void;
