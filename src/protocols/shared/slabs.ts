/**
 * Keys and values as bytes in a few large buffers, instead of objects of their own: a value of 100 bytes takes 300 as a
 * `Uint8Array`, and whoever collects garbage looks at each of a million objects.
 *
 * A slab is only ever appended to, and what has been written is never written over: who has been given a part of it may keep
 * it. When less than half of it is somebody's, that is written anew elsewhere, and the slab let go.
 */
import type { Key } from '../../core/key.js';

/** The first is small, so that thousands of nearly empty replicas fit into one process. */
const slabBytesMin = 1024;
const slabBytesMax = 256 * 1024;
/** A longer record has a slab of its own. */
const sharedBytesMax = slabBytesMax / 4;
const wordBytes = 4;
/** Before each record: the row that it is of, and its bytes with these. */
const headerBytes = 2 * wordBytes;

interface Slab {
  readonly bytes: Uint8Array;
  /** The same, read otherwise. */
  readonly words: Uint32Array;
  end: number;
  /** Of these, bytes of records that are somebody's. */
  live: number;
}

/** Where the key of a record begins, and the value behind it: in which slab, and at which byte. */
export interface RecordPlace {
  slab: number;
  at: number;
}

/** Who knows where the record of a row is. */
export interface RowKeeper {
  isAt(row: number, slab: number, at: number): boolean;
  move(row: number, to: RecordPlace): void;
}

export class Slabs {
  readonly #rows: RowKeeper;
  readonly #slabs: (Slab | null)[] = [];
  readonly #freeNumbers: number[] = [];
  /** Full ones of which more than half is nobody's. */
  readonly #worn: number[] = [];
  /** The one that is appended to. */
  #open: Slab;
  #openNumber: number;
  #bytes = 0;
  /** The same for all answers. */
  readonly #place: RecordPlace = { slab: 0, at: 0 };

  constructor(rows: RowKeeper) {
    this.#rows = rows;
    this.#open = newSlab(slabBytesMin);
    this.#openNumber = this.#enlist(this.#open);
  }

  /** What all slabs take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The answer holds until the next one. */
  append(row: number, key: Key, value: Uint8Array | null): RecordPlace {
    const bytes = this.#room(row, headerBytes + key.length + (value?.length ?? 0));
    const { at } = this.#place;
    for (let index = 0; index < key.length; index++) bytes[at + index] = key.charCodeAt(index);
    if (value !== null) bytes.set(value, at + key.length);
    return this.#place;
  }

  /** The record at this place is nobody's any more. */
  release(slabNumber: number, at: number): void {
    const slab = this.#slabs[slabNumber] as Slab;
    slab.live -= slab.words[at / wordBytes - 1] as number;
    if (slab !== this.#open) this.#look(slab, slabNumber);
    for (let worn = this.#worn.pop(); worn !== undefined; worn = this.#worn.pop()) {
      this.#clear(worn);
    }
  }

  /** The record at this place is another row's now. */
  belongsTo(row: number, slabNumber: number, at: number): void {
    const { words } = this.#slabs[slabNumber] as Slab;
    words[at / wordBytes - 2] = row;
  }

  bytesOf(slabNumber: number): Uint8Array {
    return (this.#slabs[slabNumber] as Slab).bytes;
  }

  /** Begins a record of this length; `#place` says where. */
  #room(row: number, length: number): Uint8Array {
    const whole = (length + wordBytes - 1) & -wordBytes;
    let [slab, number] = [this.#open, this.#openNumber];
    if (whole > sharedBytesMax) {
      slab = newSlab(whole);
      number = this.#enlist(slab);
    } else if (slab.end + whole > slab.bytes.length) {
      [slab, number] = this.#next(whole);
    }
    slab.words[slab.end / wordBytes] = row;
    slab.words[slab.end / wordBytes + 1] = whole;
    this.#place.slab = number;
    this.#place.at = slab.end + headerBytes;
    slab.end += whole;
    slab.live += whole;
    return slab.bytes;
  }

  /** The open one is full. The next is a quarter of all there is: what is empty stays a small part. */
  #next(bytesMin: number): readonly [Slab, number] {
    const [full, fullNumber] = [this.#open, this.#openNumber];
    const bytes = Math.min(slabBytesMax, Math.max(slabBytesMin, bytesMin, this.#bytes / 4));
    this.#open = newSlab(bytes & -wordBytes);
    this.#openNumber = this.#enlist(this.#open);
    this.#look(full, fullNumber);
    return [this.#open, this.#openNumber];
  }

  #look(slab: Slab, number: number): void {
    if (2 * slab.live < slab.end && !this.#worn.includes(number)) this.#worn.push(number);
  }

  /** Writes what is somebody's anew. */
  #clear(number: number): void {
    const { bytes, words, end, live } = this.#slabs[number] as Slab;
    for (let begin = 0; begin < end && live > 0; ) {
      const row = words[begin / wordBytes] as number;
      const whole = words[begin / wordBytes + 1] as number;
      if (this.#rows.isAt(row, number, begin + headerBytes)) {
        const room = this.#room(row, whole);
        room.set(bytes.subarray(begin + headerBytes, begin + whole), this.#place.at);
        this.#rows.move(row, this.#place);
      }
      begin += whole;
    }
    this.#bytes -= bytes.length;
    this.#slabs[number] = null;
    this.#freeNumbers.push(number);
  }

  #enlist(slab: Slab): number {
    this.#bytes += slab.bytes.length;
    const number = this.#freeNumbers.pop() ?? this.#slabs.length;
    this.#slabs[number] = slab;
    return number;
  }
}

function newSlab(length: number): Slab {
  const bytes = new Uint8Array(length);
  return { bytes, words: new Uint32Array(bytes.buffer), end: 0, live: 0 };
}
