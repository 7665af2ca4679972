/** Byte strings that share a buffer: small ones, and not so many that one which is kept for long pins much. */
const sharedBytesMax = 256;
const sharedBufferBytes = 2048;
/** V8 holds so many bytes within its heap: that is cheaper still. */
const ownBytesMax = 64;
/** Up to here a loop copies bytes faster than a call does. */
const loopBytesMax = 48;

/** Copies byte strings. Small ones may share a buffer: making each its own takes three times as long as copying it. */
export class SharedBytes {
  #buffer = new Uint8Array();
  #end = 0;

  /** The `length` bytes from there on, of which nobody else knows. */
  copy(bytes: Uint8Array, from: number, length: number): Uint8Array {
    if (length <= loopBytesMax) {
      const copied = new Uint8Array(length);
      for (let at = 0; at < length; at++) copied[at] = bytes[from + at] as number;
      return copied;
    }
    // Node's buffers have a `slice` that copies nothing.
    if (length <= ownBytesMax || length > sharedBytesMax)
      return Uint8Array.prototype.slice.call(bytes, from, from + length);
    if (this.#end + length > this.#buffer.length) {
      this.#buffer = new Uint8Array(sharedBufferBytes);
      this.#end = 0;
    }
    const at = this.#end;
    this.#end = at + length;
    this.#buffer.set(bytes.subarray(from, from + length), at);
    return new Uint8Array(this.#buffer.buffer, at, length);
  }
}
