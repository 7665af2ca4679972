/**
 * CBOR as `cbor-writer.ts` writes it, read item by item as a shape asks for it. A general reader takes tags, maps, bignums and
 * indefinite lengths, and a few hundred bytes of those can cost gigabytes. This one takes what the writer makes of tuples
 * and nothing else, in linear time, and makes nothing of what would take more memory than it was allowed.
 */

import { SharedBytes } from '../core/shared-bytes.js';
import { decodeUtf8 } from '../core/utf8.js';
import type { Packed, Shape, Source } from '../core/wire.js';
import type { WordTable } from '../core/word-table.js';

/** Bytes that are not whole items of the kind that the writer makes. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

/** Of what is read without a shape: far more than any message or record nests. */
const depthMax = 32;

/** Roughly what the engine takes for each; only their order of magnitude matters. */
const listBytes = 48;
const slotBytes = 8;
const bytesBytes = 112;
const textBytes = 24;
/** More than any item takes for each of its bytes, with its slot. */
const memoryPerByteMost = 128;

/** A byte string that is lent pins at most as much again as it takes itself. */
const lentBytesMin = 64 * 1024;

const nothing = new Uint8Array();
const float = new DataView(new ArrayBuffer(8));

/** Every method leaves what it does not take where it is; `item` takes anything, or throws {@link CborError}. */
export class CborReader implements Source {
  #bytes: Uint8Array = nothing;
  #at = 0;
  #end = 0;
  #lends = false;
  readonly #shared: SharedBytes | null;

  /** `shares`: small byte strings may share a buffer, which is {@link SharedBytes}. */
  constructor(shares = false) {
    this.#shared = shares ? new SharedBytes() : null;
  }

  /**
   * Begins to read what stands from `start` up to `end`. Byte strings are copied out, since a small value must not pin the
   * chunk or the file that it came in.
   * `isOurs`: the buffer will never be written to again, so a large byte string that is most of it may stay in it. Throws
   * {@link CborError} when all of it would take more than about `memoryMax` bytes: then before any of it is made, since
   * what is half made when it is refused has grown old, and only a full collection takes it away.
   */
  open(
    bytes: Uint8Array,
    memoryMax = Number.POSITIVE_INFINITY,
    isOurs = false,
    start = 0,
    end = bytes.length,
  ): this {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#lends = isOurs;
    if ((end - start) * memoryPerByteMost > memoryMax) this.#weigh(memoryMax);
    return this;
  }

  /** Lets go of the bytes, of which none may be left. */
  close(): void {
    const left = this.#end - this.#at;
    this.#bytes = nothing;
    this.#end = 0;
    this.#at = 0;
    if (left > 0) refuse(`${left} bytes behind its end`);
  }

  list(): number {
    if (this.#kind() !== 4) return -1;
    const length = this.#length();
    // Each element has one byte at least: a list is never made longer than what is there.
    if (length > this.#end - this.#at) refuse('it breaks off');
    return length;
  }

  nothing(): boolean {
    if (this.#at >= this.#end || ((this.#bytes[this.#at] as number) | 1) !== 0xf7) return false;
    this.#at++;
    return true;
  }

  count(): number {
    const at = this.#at;
    if (at >= this.#end) return -1;
    const head = this.#bytes[at] as number;
    if (head < 24) {
      this.#at = at + 1;
      return head;
    }
    if (head < 0x20) return this.#length();
    if (head !== 0xfb) return -1;
    const number = this.#float();
    if (number >= 0 && Number.isSafeInteger(number)) return number;
    this.#at = at;
    return -1;
  }

  text(): string | null {
    if (this.#kind() !== 3) return null;
    const length = this.#length();
    const from = this.#pass(length);
    return length <= shortTextMax
      ? readShortText(this.#bytes, from, length)
      : readUtf8(this.#bytes, from, length);
  }

  bytes(): Uint8Array | null {
    if (this.#kind() !== 2) return null;
    const length = this.#length();
    const from = this.#pass(length);
    if (this.#isLent(length)) {
      const { buffer, byteOffset } = this.#bytes;
      return new Uint8Array(buffer, byteOffset + from, length);
    }
    if (this.#shared !== null) return this.#shared.copy(this.#bytes, from, length);
    return Uint8Array.prototype.slice.call(this.#bytes, from, from + length);
  }

  #isLent(length: number): boolean {
    return this.#lends && length >= lentBytesMin && 2 * length >= this.#bytes.buffer.byteLength;
  }

  find<V>(table: WordTable<V>): V | null {
    if (this.#kind() !== 3) return null;
    const at = this.#at;
    const length = this.#length();
    const found = table.find(this.#bytes, this.#pass(length), length);
    if (found === null) this.#at = at;
    return found;
  }

  item(): unknown {
    return this.#item(0);
  }

  get position(): number {
    return this.#at;
  }

  packedFrom(position: number): Packed {
    return this.#isLent(this.#at - position)
      ? new PackedCbor(this.#bytes.subarray(position, this.#at))
      : PackedCbor.of(this.#bytes, position, this.#at);
  }

  #item(depth: number): unknown {
    if (this.#at >= this.#end) refuse('it breaks off');
    const head = this.#bytes[this.#at] as number;
    switch (head >> 5) {
      case 0:
        return this.#length();
      case 1:
        return -1 - this.#length();
      case 2:
        return this.bytes();
      case 3:
        return this.text();
      case 4:
        return this.#list(depth);
      case 7:
        return this.#simple(head);
      default:
        return refuse(head < 0xc0 ? 'it has a map' : 'it has a tag');
    }
  }

  #list(depth: number): unknown[] {
    const length = this.list();
    if (depth >= depthMax) refuse('it nests too deep');
    const list: unknown[] = new Array(length);
    for (let index = 0; index < length; index++) list[index] = this.#item(depth + 1);
    return list;
  }

  #simple(head: number): unknown {
    if (head === 0xfb) return this.#float();
    this.#at++;
    if (head === 0xf6) return null;
    if (head === 0xf4) return false;
    if (head === 0xf5) return true;
    if (head === 0xf7) return undefined;
    return refuse('it has a value of a kind that is never written');
  }

  #float(): number {
    const at = this.#at + 1;
    if (at + 8 > this.#end) refuse('it breaks off');
    for (let index = 0; index < 8; index++)
      float.setUint8(index, this.#bytes[at + index] as number);
    this.#at = at + 8;
    // A zero with a sign is no other number to us.
    return float.getFloat64(0) + 0;
  }

  /** The upper three bits of what comes next; -1 at the end. */
  #kind(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) >> 5 : -1;
  }

  /** Reads a head whose number takes up to four bytes: nothing that we write needs eight, or has an indefinite length. */
  #length(): number {
    const bytes = this.#bytes;
    const at = this.#at + 1;
    const low = (bytes[at - 1] as number) & 0x1f;
    if (low < 24) {
      this.#at = at;
      return low;
    }
    if (low > 26) refuse('it has a number or a length of a kind that is never written');
    const end = at + (1 << (low - 24));
    if (end > this.#end) refuse('it breaks off');
    this.#at = end;
    if (low === 24) return bytes[at] as number;
    const high = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    if (low === 25) return high;
    return high * 0x10000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }

  /** Moves past `count` bytes, which must be there; returns where they begin. */
  #pass(count: number): number {
    const from = this.#at;
    if (count > this.#end - from) refuse('it breaks off');
    this.#at = from + count;
    return from;
  }

  /** Goes over all that is there, and makes nothing. */
  #weigh(memoryMax: number): void {
    const start = this.#at;
    let memory = 0;
    for (let itemsLeft = 1; itemsLeft > 0; itemsLeft--) {
      const kind = this.#kind();
      if (kind < 0) refuse('it breaks off');
      // The reader will refuse it.
      if (kind === 5 || kind === 6) break;
      if (kind === 7) {
        this.#pass((this.#bytes[this.#at] as number) === 0xfb ? 9 : 1);
        continue;
      }
      const length = this.#length();
      if (kind === 2 || kind === 3) {
        this.#pass(length);
        memory += length + (kind === 2 ? bytesBytes : textBytes);
      } else if (kind === 4) {
        itemsLeft += length;
        memory += listBytes + length * slotBytes;
      }
      if (memory > memoryMax) refuse('it would take too much memory');
    }
    this.#at = start;
  }
}

/** The first is small, so that thousands of nearly idle replicas fit into one process. */
const packBytesMin = 1024;
const packBytesMax = 64 * 1024;

/** A copy of a value's CBOR. Those that come one after the other share a buffer, since they mostly go that way, too. */
export class PackedCbor implements Packed {
  static #pack = new Uint8Array(packBytesMin);
  static #end = 0;
  static readonly #reader = new CborReader(true);

  readonly bytes: Uint8Array;

  /** Of bytes that nobody will write to. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  static of(bytes: Uint8Array, from: number, to: number): PackedCbor {
    const length = to - from;
    // Node's buffers have a `slice` that copies nothing.
    const { slice } = Uint8Array.prototype;
    if (length > packBytesMax / 4) return new PackedCbor(slice.call(bytes, from, to));
    if (PackedCbor.#end + length > PackedCbor.#pack.length) {
      PackedCbor.#pack = new Uint8Array(packBytesMax);
      PackedCbor.#end = 0;
    }
    const start = PackedCbor.#end;
    PackedCbor.#end += length;
    PackedCbor.#pack.set(bytes.subarray(from, to), start);
    return new PackedCbor(PackedCbor.#pack.subarray(start, PackedCbor.#end));
  }

  read<T>(shape: Shape<T>): T {
    const reader = PackedCbor.#reader;
    const value = shape.read(reader.open(this.bytes));
    reader.close();
    return value;
  }
}

/** Longer ones are worth a call to the platform's decoder. */
const shortTextMax = 15;
const { fromCharCode } = String;

/** Names and most keys are a few ASCII letters: made in one or two calls, they take a third of the time. */
function readShortText(bytes: Uint8Array, from: number, length: number): string {
  if (length < 8) return readLetters(bytes, from, length) ?? readUtf8(bytes, from, length);
  const first = readEight(bytes, from);
  const rest = first === null ? null : readLetters(bytes, from + 8, length - 8);
  return rest === null ? readUtf8(bytes, from, length) : first + rest;
}

function readEight(bytes: Uint8Array, i: number): string | null {
  const a = bytes[i] as number;
  const b = bytes[i + 1] as number;
  const c = bytes[i + 2] as number;
  const d = bytes[i + 3] as number;
  const e = bytes[i + 4] as number;
  const f = bytes[i + 5] as number;
  const g = bytes[i + 6] as number;
  const h = bytes[i + 7] as number;
  return (a | b | c | d | e | f | g | h) > 0x7f ? null : fromCharCode(a, b, c, d, e, f, g, h);
}

/** Up to seven; `null` when one is not ASCII. */
function readLetters(bytes: Uint8Array, i: number, length: number): string | null {
  if (length === 0) return '';
  const a = bytes[i] as number;
  const b = length > 1 ? (bytes[i + 1] as number) : 0;
  const c = length > 2 ? (bytes[i + 2] as number) : 0;
  const d = length > 3 ? (bytes[i + 3] as number) : 0;
  const e = length > 4 ? (bytes[i + 4] as number) : 0;
  const f = length > 5 ? (bytes[i + 5] as number) : 0;
  const g = length > 6 ? (bytes[i + 6] as number) : 0;
  if ((a | b | c | d | e | f | g) > 0x7f) return null;
  switch (length) {
    case 1:
      return fromCharCode(a);
    case 2:
      return fromCharCode(a, b);
    case 3:
      return fromCharCode(a, b, c);
    case 4:
      return fromCharCode(a, b, c, d);
    case 5:
      return fromCharCode(a, b, c, d, e);
    case 6:
      return fromCharCode(a, b, c, d, e, f);
    default:
      return fromCharCode(a, b, c, d, e, f, g);
  }
}

function readUtf8(bytes: Uint8Array, from: number, length: number): string {
  return decodeUtf8(bytes, from, from + length) ?? refuse('it has text that is not UTF-8');
}

function refuse(why: string): never {
  throw new CborError(`not a frame's or record's CBOR: ${why}`);
}
