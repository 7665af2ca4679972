/**
 * What clients send: arrays of bulk strings, or inline commands typed by hand. Takes bytes as they come, cut anywhere, and
 * hands out one command after the other, by the rules and in the words of Redis 7.0 (`networking.c`).
 *
 * No byte is looked at twice, however a command trickles in: of one that is not whole its words are kept, and what there is
 * of the next. Words are copies, so that none keeps alive the chunk that it came in. What is malformed, or past a limit, is a
 * {@link ProtocolError}, after which nothing more may be pushed.
 */
import { SharedBytes } from '../core/shared-bytes.js';
import { inlineWords } from './inline.js';
import { respLimits } from './limits.js';

/** The text is what Redis says, without `ERR`. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';

  constructor(problem: string) {
    super(`Protocol error: ${problem}`);
  }
}

/** The name of a command and its arguments: bytes that nobody else changes. */
export type Words = readonly Uint8Array[];

const star = 0x2a;
const dollar = 0x24;
const minus = 0x2d;
const zero = 0x30;
const cr = 0x0d;
const lf = 0x0a;

const none = new Uint8Array(0);
/** One for all clients: those who rest keep none. */
const shared = new SharedBytes();
/** The end of a line that has none yet. */
const notWhole = -2;
/** Up to here a loop copies bytes faster than a call does. */
const loopBytesMax = 48;
/** What a word is given room for before more of it has come. */
const roomBytesAtFirst = 64 * 1024;
/** More than an array has for a word, however short. */
const wordOverheadBytes = 64;

export class RequestParser {
  /** The client has given its password, or needs none. */
  isTrusted = false;
  /** Words of the command under way that are whole; how many are to come; and the bytes of all whose length is known. */
  #words: Uint8Array[] = [];
  #missing = 0;
  #bytes = 0;
  /** The word under way, with room for a part of it; how long it will be, and how much of it is here, its CRLF included. */
  #word: Uint8Array | null = null;
  #wordBytes = 0;
  #wordAt = 0;
  /** A line whose end has not come. */
  #line: Uint8Array = none;
  #lineAt = 0;
  /** Commands mostly have the name of the one before. */
  #name: Uint8Array = none;
  /** Where the chunk under way ends. */
  #end = 0;

  /** What the command under way takes as far as it is known, the whole of its word under way included; 0 between commands. */
  get bytesExpected(): number {
    return this.#bytes + wordOverheadBytes * this.#words.length + this.#lineAt;
  }

  /** Words are to come whose length is not known yet. */
  get expectsMore(): boolean {
    return this.#missing > (this.#word === null ? 0 : 1);
  }

  /** Bytes that wait for the rest of their command. */
  get bytesGathered(): number {
    const unread =
      this.#word === null ? 0 : this.#wordBytes - Math.min(this.#wordAt, this.#wordBytes);
    return this.#bytes - unread + this.#lineAt;
  }

  /**
   * How many bytes it took of the first `length`: all, unless `take` returned `false`, which says that one command is enough for now. Throws
   * {@link ProtocolError}; the commands before it have been handed out.
   */
  push(chunk: Uint8Array, take: (words: Words) => unknown, length = chunk.length): number {
    let at = 0;
    this.#end = length;
    while (at < length) {
      at = this.#word === null ? this.#takeLine(chunk, at) : this.#fillWord(chunk, at);
      if (this.#missing > 0 || this.#words.length === 0) continue;
      const words = this.#words;
      this.#words = [];
      this.#bytes = 0;
      if (take(words) === false) break;
    }
    return at;
  }

  #takeLine(chunk: Uint8Array, at: number): number {
    const isHead =
      this.#missing > 0 ||
      (this.#lineAt > 0 ? this.#line : chunk)[this.#lineAt > 0 ? 0 : at] === star;
    const end = this.#endOfLine(chunk, at, isHead);
    if (end === notWhole) {
      this.#gather(chunk, at, this.#end);
      return this.#end;
    }
    if (this.#lineAt === 0) {
      if (isHead) return this.#takeHead(chunk, at, end, chunk, end + 2);
      this.#words = inlineOf(chunk, at, end);
      return end + 1;
    }
    this.#gather(chunk, at, end);
    const line = this.#line;
    const length = this.#lineAt - (end < at ? 1 : 0);
    this.#line = none;
    this.#lineAt = 0;
    if (isHead) return this.#takeHead(line, 0, length, chunk, end + 2);
    this.#words = inlineOf(line, 0, length);
    return end + 1;
  }

  /**
   * Where the line's last byte is that ends it in Redis, which is CR of a head; just before `at` when that has been gathered.
   * {@link notWhole} while it is not.
   */
  #endOfLine(chunk: Uint8Array, at: number, isHead: boolean): number {
    if (isHead && this.#lineAt > 0 && this.#line[this.#lineAt - 1] === cr) return at - 1;
    const mark = isHead ? cr : lf;
    const most = at + respLimits.lineBytesMax - this.#lineAt;
    const stop = Math.min(this.#end, most + 1);
    let end = at;
    while (end < stop && chunk[end] !== mark) end++;
    if (end > most) throw new ProtocolError(this.#problemOfLine(isHead));
    return end === this.#end || (isHead && end + 1 === this.#end) ? notWhole : end;
  }

  #problemOfLine(isHead: boolean): string {
    if (!isHead) return 'too big inline request';
    return this.#missing > 0 ? 'too big bulk count string' : 'too big mbulk count string';
  }

  #gather(chunk: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    const wanted = this.#lineAt + to - from;
    if (wanted > this.#line.length)
      this.#line = grown(this.#line, this.#lineAt, Math.max(64, 2 * wanted));
    copy(chunk, from, to, this.#line, this.#lineAt);
    this.#lineAt = wanted;
  }

  /** `next`: where in the chunk it goes on. */
  #takeHead(line: Uint8Array, at: number, end: number, chunk: Uint8Array, next: number): number {
    if (this.#missing === 0) {
      this.#missing = this.#countOf(line, at, end);
      return next;
    }
    const length = this.#lengthOf(line, at, end);
    this.#bytes += length;
    if (next + length + 2 > this.#end) {
      this.#word = length === 0 ? none : new Uint8Array(Math.min(length, roomBytesAtFirst));
      this.#wordBytes = length;
      this.#wordAt = 0;
      return next;
    }
    this.#add(this.#wordOf(chunk, next, length));
    return next + length + 2;
  }

  #countOf(line: Uint8Array, at: number, end: number): number {
    const count = numberIn(line, at + 1, end);
    if (!(count <= respLimits.argumentsMax)) throw new ProtocolError('invalid multibulk length');
    if (count > respLimits.strangerArgumentsMax && !this.isTrusted) {
      throw new ProtocolError('unauthenticated multibulk length');
    }
    return Math.max(0, count);
  }

  #lengthOf(line: Uint8Array, at: number, end: number): number {
    if (line[at] !== dollar) {
      const got = String.fromCharCode(line[at] as number);
      throw new ProtocolError(`expected '$', got '${got}'`);
    }
    const length = numberIn(line, at + 1, end);
    const { argumentBytesMax, commandBytesMax, strangerArgumentBytesMax } = respLimits;
    if (!(length >= 0 && length <= argumentBytesMax && this.#bytes + length <= commandBytesMax)) {
      throw new ProtocolError('invalid bulk length');
    }
    if (length > strangerArgumentBytesMax && !this.isTrusted) {
      throw new ProtocolError('unauthenticated bulk length');
    }
    return length;
  }

  #fillWord(chunk: Uint8Array, at: number): number {
    const length = this.#wordBytes;
    const end = Math.min(this.#end, at + length + 2 - this.#wordAt);
    const bytes = Math.min(end - at, Math.max(0, length - this.#wordAt));
    let word = this.#word as Uint8Array;
    const wanted = this.#wordAt + bytes;
    if (bytes > 0) {
      if (wanted > word.length) {
        word = grown(word, this.#wordAt, Math.min(length, Math.max(wanted, 2 * word.length)));
        this.#word = word;
      }
      copy(chunk, at, at + bytes, word, this.#wordAt);
    }
    this.#wordAt += end - at;
    if (this.#wordAt === length + 2) {
      this.#word = null;
      this.#add(word);
    }
    return end;
  }

  #add(word: Uint8Array): void {
    this.#words.push(word);
    this.#missing--;
  }

  #wordOf(chunk: Uint8Array, at: number, length: number): Uint8Array {
    if (length === 0) return none;
    if (this.#words.length > 0) return shared.copy(chunk, at, length);
    const name = this.#name;
    if (name.length === length) {
      let same = 0;
      while (same < length && name[same] === chunk[at + same]) same++;
      if (same === length) return name;
    }
    const word = shared.copy(chunk, at, length);
    if (length <= loopBytesMax) this.#name = word;
    return word;
  }
}

/** As Redis reads whole numbers: no sign but one minus, no zeros in front, nothing else. `NaN`: it is none. */
function numberIn(line: Uint8Array, from: number, end: number): number {
  const isNegative = line[from] === minus;
  let at = isNegative ? from + 1 : from;
  const digits = end - at;
  if (line[at] === zero) return digits === 1 && !isNegative ? 0 : Number.NaN;
  if (digits < 1 || digits > 18) return Number.NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = (line[at] as number) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = 10 * value + digit;
  }
  return isNegative ? -value : value;
}

function inlineOf(bytes: Uint8Array, from: number, to: number): Uint8Array[] {
  const end = to > from && bytes[to - 1] === cr ? to - 1 : to;
  const words = inlineWords(bytes, from, end);
  if (words === null) throw new ProtocolError('unbalanced quotes in request');
  return words;
}

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > loopBytesMax) to.set(from.subarray(start, end), at);
  else for (let next = start; next < end; next++) to[at + next - start] = from[next] as number;
}

function grown(bytes: Uint8Array, used: number, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(bytes.subarray(0, used));
  return larger;
}
