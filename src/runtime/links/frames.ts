/**
 * Frames: a 4-byte big-endian length, then that many bytes of CBOR. The same on every socket of kvx.
 *
 * What goes to one receiver in one turn shares a frame: a frame's body is a list of items.
 */
import { frameBytesMax } from '../../core/limits.js';
import { decodeCbor, encodeCbor } from '../cbor.js';

const headerBytes = 4;

/** A stream that can't be read on: a frame too large or not a list. Close the connection it came from. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/**
 * Frames that carry `items` in order: one, or several when one would grow past `frameBytesMax`. Each stands in a buffer
 * of its own, which may be transferred. Throws {@link FrameError} when a single item is too large.
 */
export function encodeFrames(items: readonly unknown[]): Uint8Array[] {
  const body = encodeCbor(items);
  if (body.length <= frameBytesMax) return [withHeader(body)];
  if (items.length === 1) {
    throw new FrameError(`an item of ${body.length} bytes is too large, at most ${frameBytesMax}`);
  }
  const half = items.length >> 1;
  return [...encodeFrames(items.slice(0, half)), ...encodeFrames(items.slice(half))];
}

function withHeader(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerBytes + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, headerBytes);
  return frame;
}

/** Cuts a stream of bytes back into the items of its frames, however the stream is chopped up. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes that must be there before it is worth looking again. */
  #wanted = headerBytes;

  /**
   * Takes the next bytes of the stream and returns the items of every frame that they complete.
   * Throws {@link FrameError} or `CborError` when the stream is not one of frames; it can't be read on then.
   */
  push(chunk: Uint8Array): unknown[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#wanted) return [];
    return this.#drain(this.#joined());
  }

  #joined(): Uint8Array {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    return bytes as Uint8Array;
  }

  #drain(bytes: Uint8Array): unknown[] {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let items: unknown[] = [];
    let at = 0;
    this.#wanted = headerBytes;
    while (bytes.length - at >= headerBytes) {
      const length = view.getUint32(at);
      if (length > frameBytesMax) {
        throw new FrameError(`a frame of ${length} bytes is too large, at most ${frameBytesMax}`);
      }
      const end = at + headerBytes + length;
      if (end > bytes.length) {
        this.#wanted = headerBytes + length;
        break;
      }
      const body = decodeCbor(bytes.subarray(at + headerBytes, end));
      if (!Array.isArray(body)) throw new FrameError('a frame must hold a list');
      items = items.length === 0 ? body : items.concat(body);
      at = end;
    }
    const rest = bytes.subarray(at);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return items;
  }
}
