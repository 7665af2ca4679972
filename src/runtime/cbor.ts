/**
 * The one codec of kvx: frames on sockets and ports, and records in the journal, are CBOR.
 *
 * cbor-x writes frames; it comes in by a subpath that is plain JavaScript, and its native accelerator is never loaded. Records
 * are written by `cbor-writer.ts`, which makes the same bytes. cbor-x does not read: a general CBOR reader takes tags, maps,
 * bignums and indefinite lengths, and a few hundred bytes of those can cost gigabytes. {@link decodeCbor} takes what the writers
 * make of tuples and nothing else, in linear time, and makes nothing of what would take more memory than it was allowed. On our
 * frames it is faster, too.
 */

import { Encoder } from 'cbor-x/encode';
import { decodeUtf8 } from '../core/utf8.js';

/** Bytes that are not one whole item of the kind that the writers make. */
export class CborError extends Error {
  override readonly name = 'CborError';
}

const encoder = new Encoder({ useRecords: false, tagUint8Array: false });

/**
 * The CBOR form of tuples: lists, text, byte strings, numbers, booleans, `null` and `undefined`. What comes back is a
 * view into a buffer shared with other items: copy it to transfer or to keep it for long.
 */
export function encodeCbor(data: unknown): Uint8Array {
  return encoder.encode(data);
}

/** Far more than any message or record nests. */
const depthMax = 32;

/** Roughly what the engine takes for each; only their order of magnitude matters. */
const listBytes = 48;
const slotBytes = 8;
const bytesBytes = 112;
const textBytes = 24;
/** More than any item takes for each of its bytes, with its slot. */
const memoryPerByteMost = 128;

// One item is read at a time and nothing is called back, so the reader's state may stand here, where access is fast.
let source: Uint8Array = new Uint8Array();
let end = 0;
let at = 0;
/** Made when the first float is met. */
let view: DataView | null = null;
let lends = false;

/** A byte string that is lent pins at most as much again as it takes itself. */
const lentBytesMin = 64 * 1024;

/**
 * Reads exactly one item; byte strings are copied out, since a small value must not pin the chunk or the file that it
 * came in. `isOurs`: the buffer will never be written to again, so a large byte string that is most of it may stay in it.
 * Throws {@link CborError}, also when what is read would take more than about `memoryMax` bytes: then before any of it is
 * made, since what is half made when it is refused has grown old, and only a full collection takes it away.
 */
export function decodeCbor(
  bytes: Uint8Array,
  memoryMax = Number.POSITIVE_INFINITY,
  isOurs = false,
): unknown {
  source = bytes;
  lends = isOurs;
  end = bytes.length;
  at = 0;
  view = null;
  if (end * memoryPerByteMost > memoryMax) weigh(memoryMax);
  const item = readItem(0);
  if (at !== end) refuse(`${end - at} bytes behind its end`);
  return item;
}

/** How many items the list has that stands first; 0 when there is none. */
export function itemsAnnounced(bytes: Uint8Array): number {
  source = bytes;
  end = bytes.length;
  at = 1;
  const head = source[0] as number;
  if (head >> 5 !== 4) return 0;
  const low = head & 0x1f;
  return low > 23 ? readLength(low) : low;
}

/** Goes over all that is there, and makes nothing. */
function weigh(memoryMax: number): void {
  let memory = 0;
  for (let itemsLeft = 1; itemsLeft > 0; itemsLeft--) {
    if (at >= end) refuse('it breaks off');
    const head = source[at++] as number;
    let low = head & 0x1f;
    if (head === 0xfb) need(8);
    else if (low > 23) low = readLength(low);
    const kind = head >> 5;
    if (kind === 2 || kind === 3) {
      need(low);
      memory += low + (kind === 2 ? bytesBytes : textBytes);
    } else if (kind === 4) {
      itemsLeft += low;
      memory += listBytes + low * slotBytes;
    } else if (kind === 5 || kind === 6) {
      // The reader will refuse it.
      break;
    }
    if (memory > memoryMax) refuse('it would take too much memory');
  }
  at = 0;
}

function readItem(depth: number): unknown {
  if (at >= end) refuse('it breaks off');
  const head = source[at++] as number;
  let low = head & 0x1f;
  if (low > 23) {
    if (head === 0xfb) return readFloat();
    low = readLength(low);
  }
  switch (head >> 5) {
    case 0:
      return low;
    case 1:
      return -1 - low;
    case 2:
      return readBytes(low);
    case 3:
      return readText(low);
    case 4:
      return readList(low, depth);
    case 7:
      if (head === 0xf6) return null;
      if (head === 0xf4) return false;
      if (head === 0xf5) return true;
      if (head === 0xf7) return undefined;
      return refuse('it has a value of a kind that is never written');
    default:
      return refuse(head < 0xc0 ? 'it has a map' : 'it has a tag');
  }
}

/** Of one, two or four bytes: nothing that we write needs eight, and nothing has an indefinite length. */
function readLength(low: number): number {
  const from = at;
  if (low === 24) {
    if (from + 1 > end) refuse('it breaks off');
    at = from + 1;
    return source[from] as number;
  }
  if (low === 25) {
    if (from + 2 > end) refuse('it breaks off');
    at = from + 2;
    return ((source[from] as number) << 8) | (source[from + 1] as number);
  }
  if (low !== 26) refuse('it has a number or a length of a kind that is never written');
  if (from + 4 > end) refuse('it breaks off');
  at = from + 4;
  return (
    (((source[from] as number) << 24) |
      ((source[from + 1] as number) << 16) |
      ((source[from + 2] as number) << 8) |
      (source[from + 3] as number)) >>>
    0
  );
}

/** Moves past `count` bytes, which must be there. */
function need(count: number): void {
  if (count > end - at) refuse('it breaks off');
  at += count;
}

function readFloat(): number {
  const from = at;
  if (from + 8 > end) refuse('it breaks off');
  at = from + 8;
  view ??= new DataView(source.buffer, source.byteOffset, end);
  // A zero with a sign is no other number to us.
  return view.getFloat64(from) + 0;
}

function readList(length: number, depth: number): unknown[] {
  // Each element has one byte at least: a list is never made longer than what is there.
  if (length > end - at) refuse('it breaks off');
  if (depth >= depthMax) refuse('it nests too deep');
  const list: unknown[] = new Array(length);
  for (let index = 0; index < length; index++) list[index] = readItem(depth + 1);
  return list;
}

function readBytes(length: number): Uint8Array {
  const from = at;
  need(length);
  if (lends && length >= lentBytesMin && 2 * length >= source.buffer.byteLength) {
    return new Uint8Array(source.buffer, source.byteOffset + from, length);
  }
  return Uint8Array.prototype.slice.call(source, from, at);
}

function readText(length: number): string {
  const from = at;
  need(length);
  return length <= shortTextMax ? readShortText(from, length) : readUtf8(from);
}

/** Longer ones are worth a call to the platform's decoder. */
const shortTextMax = 15;
const { fromCharCode } = String;

/** Types, names and most keys are a few ASCII letters: made in one or two calls, they take a third of the time. */
function readShortText(from: number, length: number): string {
  if (length < 8) return readLetters(from, length) ?? readUtf8(from);
  const first = readEight(from);
  const rest = first === null ? null : readLetters(from + 8, length - 8);
  return rest === null ? readUtf8(from) : first + rest;
}

function readEight(i: number): string | null {
  const a = byteAt(i);
  const b = byteAt(i + 1);
  const c = byteAt(i + 2);
  const d = byteAt(i + 3);
  const e = byteAt(i + 4);
  const f = byteAt(i + 5);
  const g = byteAt(i + 6);
  const h = byteAt(i + 7);
  return (a | b | c | d | e | f | g | h) > 0x7f ? null : fromCharCode(a, b, c, d, e, f, g, h);
}

/** Up to seven; `null` when one is not ASCII. */
function readLetters(i: number, length: number): string | null {
  if (length === 0) return '';
  const a = byteAt(i);
  const b = length > 1 ? byteAt(i + 1) : 0;
  const c = length > 2 ? byteAt(i + 2) : 0;
  const d = length > 3 ? byteAt(i + 3) : 0;
  const e = length > 4 ? byteAt(i + 4) : 0;
  const f = length > 5 ? byteAt(i + 5) : 0;
  const g = length > 6 ? byteAt(i + 6) : 0;
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

function byteAt(index: number): number {
  return source[index] as number;
}

function readUtf8(from: number): string {
  return decodeUtf8(source, from, at) ?? refuse('it has text that is not UTF-8');
}

function refuse(why: string): never {
  throw new CborError(`not a frame's or record's CBOR: ${why}`);
}
