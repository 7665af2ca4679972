/** Where the writer is, where the reader is, and whether the writer waits for room: each on a cache line of its own. */
const tailCell = 0;
const headCell = 16;
const waitsCell = 32;
const dataAt = 256;

/**
 * V8 copies to and from shared memory by words of this length where both sides lie alike between their bounds, and
 * otherwise byte by byte, which takes ten times as long.
 */
const wordBytes = 8;
/** A power of two. Small, so that it stays in the processor's cache: it wraps around all the time. */
const ringBytes = 256 * 1024;
/** So that the writer of what is large goes on while the reader takes in what it has written. */
const pieceBytesMax = 64 * 1024;
/** Most pieces are smaller. */
const smallPieceBytes = 4 * 1024;
/** Up to so many bytes, to copy word by word takes less time than to make the view that a copy in one call needs. */
const copiedByWordMax = 256;

/** The memory of a new ring. */
export function newRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(dataAt + ringBytes);
}

/**
 * Bytes from one thread to another: a ring in shared memory with one writer and one reader (Lamport, *Specifying
 * Concurrent Program Modules*, TOPLAS 1983). The tail is moved by the writer alone, the head by the reader alone; both
 * count on and on, and where they are in the ring are their low bits.
 *
 * Bytes lie in pieces. A piece is a word that says how long it is and how far into the next word it begins, and the
 * bytes, up to a whole word. It never wraps around: what is longer than the room up to the end of the ring, or than the
 * ring, goes in several.
 *
 * - What is read has been written whole: the tail moves after the bytes are in place, and `Atomics` order what comes
 *   before and after them. A writer that is killed in between has written nothing.
 * - What is written over has been read: the head moves after a piece has been copied, and the writer looks at the head
 *   before it writes.
 * - A writer that waits for room is told. It says that it waits, *then* looks at the head once more; the reader moves
 *   the head, *then* looks whether anybody waits. `Atomics` have one order for all threads: whichever was first in it,
 *   the writer sees the room or the reader sees the writer.
 */
export class ByteRing {
  readonly #cells: Int32Array;
  readonly #data: Uint8Array;
  #words = new Int32Array(smallPieceBytes / Int32Array.BYTES_PER_ELEMENT);
  /** What was read last stands in it from `start` up to `end`. */
  piece = new Uint8Array(this.#words.buffer);
  start = 0;
  end = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#cells = new Int32Array(memory);
    this.#data = new Uint8Array(memory, dataAt, ringBytes);
  }

  /** Bytes written and not read, with the lengths before them. */
  get bytesWaiting(): number {
    return (Atomics.load(this.#cells, tailCell) - Atomics.load(this.#cells, headCell)) | 0;
  }

  /** For the writer: puts in what there is room for of `bytes` from `start` on, and returns where the rest begins. */
  write(bytes: Uint8Array, start: number): number {
    const cells = this.#cells;
    const full = (Atomics.load(cells, headCell) + ringBytes) | 0;
    let tail = Atomics.load(cells, tailCell);
    let next = start;
    while (next < bytes.length && tail !== full) {
      const at = tail & (ringBytes - 1);
      const room = Math.min((full - tail) | 0, ringBytes - at) - wordBytes;
      const skew = room === 0 ? 0 : (bytes.byteOffset + next) & (wordBytes - 1);
      const length = Math.min(room - skew, bytes.length - next, pieceBytesMax);
      const isAll = length === bytes.length;
      const head = (dataAt + at) >> 2;
      cells[head] = length;
      cells[head + 1] = skew;
      this.#data.set(isAll ? bytes : bytes.subarray(next, next + length), at + wordBytes + skew);
      tail = pieceEnd(tail, skew + length);
      next += length;
    }
    Atomics.store(cells, tailCell, tail);
    return next;
  }

  /** For the writer: it found no room, and wants to be told. Whoever says so must then try once more. */
  waitForRoom(): void {
    Atomics.store(this.#cells, waitsCell, 1);
  }

  /** For the reader: puts the next piece in the place of the one before; false when there is none. */
  read(): boolean {
    const cells = this.#cells;
    const head = Atomics.load(cells, headCell);
    if (head === Atomics.load(cells, tailCell)) return false;
    const at = head & (ringBytes - 1);
    const length = cells[(dataAt + at) >> 2] as number;
    const skew = cells[(dataAt + at + 4) >> 2] as number;
    this.start = skew;
    this.end = skew + length;
    this.#copyOut(at + wordBytes);
    Atomics.store(cells, headCell, pieceEnd(head, this.end));
    return true;
  }

  #copyOut(from: number): void {
    const { start, end } = this;
    if (end <= copiedByWordMax) {
      const first = (dataAt + from) >> 2;
      for (let word = 0; word << 2 < end; word++)
        this.#words[word] = this.#cells[first + word] as number;
      return;
    }
    if (end > this.piece.length) {
      this.piece = new Uint8Array(wordBytes + pieceBytesMax);
      this.#words = new Int32Array(this.piece.buffer);
    }
    this.piece.set(this.#data.subarray(from + start, from + end), start);
  }

  /** For the reader, after it has read: whether the writer waits to be told that there is room. It is told once. */
  isWaitedFor(): boolean {
    return (
      Atomics.load(this.#cells, waitsCell) === 1 &&
      Atomics.exchange(this.#cells, waitsCell, 0) === 1
    );
  }
}

function pieceEnd(start: number, length: number): number {
  return (start + wordBytes + ((length + wordBytes - 1) & -wordBytes)) | 0;
}
