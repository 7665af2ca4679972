/**
 * What servers say in RESP2 and RESP3, read as it comes, cut anywhere, for somebody who looks on: a reply that is larger
 * than he keeps is read to its end all the same.
 */
import { ProtocolError } from './parser.js';

export type ReadReply =
  | { readonly type: 'simple' | 'error'; readonly text: string }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'bulk'; readonly value: Uint8Array }
  /** Of RESP2, a bulk string or an array that is none; of RESP3, the only null. */
  | { readonly type: 'null' }
  | { readonly type: 'array'; readonly items: readonly ReadReply[] }
  /** Anything else: maps, numbers that are not whole, what is too large to be kept. */
  | { readonly type: 'other' };

/** What is kept of one reply. */
const keptBytesMax = 4 * 1024 * 1024;
const keptItemsMax = 64 * 1024;
const lineBytesMax = 64 * 1024;
const depthMax = 64;
const bulkBytesMax = 2 ** 32;

const none: ReadReply = { type: 'null' };
const other: ReadReply = { type: 'other' };
const [cr, lf] = [0x0d, 0x0a];

/** What consists of others, of which so many are still to come. */
interface Aggregate {
  readonly sign: string;
  left: number;
  items: ReadReply[] | null;
}

/** A string of a length that was told, with its line end. */
interface Bulk {
  left: number;
  /** `null`: it is too large. */
  readonly bytes: Uint8Array | null;
  readonly isText: boolean;
}

export class ReplyReader {
  #line: number[] = [];
  #bulk: Bulk | null = null;
  readonly #open: Aggregate[] = [];
  #keptBytes = 0;
  #keptItems = 0;

  /**
   * Hands out the replies that are whole with this. What is pushed out of turn is not: no request asked for it. Throws a
   * {@link ProtocolError}.
   */
  push(chunk: Uint8Array, take: (reply: ReadReply) => void): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#bulk !== null) at = this.#takeBulk(this.#bulk, chunk, at, take);
      else at = this.#takeLine(chunk, at, take);
    }
  }

  #takeBulk(bulk: Bulk, chunk: Uint8Array, at: number, take: (reply: ReadReply) => void): number {
    const end = Math.min(chunk.length, at + bulk.left);
    if (bulk.bytes !== null) {
      bulk.bytes.set(chunk.subarray(at, end), bulk.bytes.length - bulk.left);
    }
    bulk.left -= end - at;
    if (bulk.left > 0) return end;
    this.#bulk = null;
    const { bytes, isText } = bulk;
    if (bytes === null) this.#value(other, take);
    else {
      const length = bytes.length - 2;
      if (bytes[length] !== cr || bytes[length + 1] !== lf) {
        throw new ProtocolError('a string is longer than it was said to be');
      }
      // Verbatim strings begin with three letters and a colon.
      this.#value({ type: 'bulk', value: bytes.subarray(isText ? 4 : 0, length) }, take);
    }
    return end;
  }

  #takeLine(chunk: Uint8Array, at: number, take: (reply: ReadReply) => void): number {
    const end = chunk.indexOf(lf, at);
    const until = end < 0 ? chunk.length : end;
    if (this.#line.length + until - at > lineBytesMax)
      throw new ProtocolError('a line is too long');
    for (let index = at; index < until; index++) this.#line.push(chunk[index] as number);
    if (end < 0) return chunk.length;
    if (this.#line.at(-1) === cr) this.#line.pop();
    const [sign = 0, ...rest] = this.#line;
    this.#line = [];
    this.#takeHead(String.fromCharCode(sign), rest, take);
    return end + 1;
  }

  #takeHead(sign: string, rest: readonly number[], take: (reply: ReadReply) => void): void {
    switch (sign) {
      case '+':
        return this.#value({ type: 'simple', text: textOfLine(rest) }, take);
      case '-':
        return this.#value({ type: 'error', text: textOfLine(rest) }, take);
      case ':':
        return this.#value({ type: 'integer', value: integerOf(rest) }, take);
      case '_':
        return this.#value(none, take);
      case ',':
      case '#':
      case '(':
        return this.#value(other, take);
      case '$':
      case '=':
      case '!':
        return this.#beginBulk(sign, rest, take);
      case '*':
      case '~':
      case '%':
      case '>':
      case '|':
        return this.#beginAggregate(sign, rest, take);
      default:
        throw new ProtocolError('a reply begins with no sign that is known');
    }
  }

  #beginBulk(sign: string, rest: readonly number[], take: (reply: ReadReply) => void): void {
    const length = Number(integerOf(rest));
    if (length === -1) return this.#value(none, take);
    if (length < 0 || length > bulkBytesMax) throw new ProtocolError('a string has no length');
    this.#keptBytes += length;
    const isKept = sign !== '!' && this.#keptBytes <= keptBytesMax;
    const bytes = isKept ? new Uint8Array(length + 2) : null;
    this.#bulk = { left: length + 2, bytes, isText: sign === '=' };
  }

  #beginAggregate(sign: string, rest: readonly number[], take: (reply: ReadReply) => void): void {
    const length = Number(integerOf(rest));
    if (length === -1) return this.#value(none, take);
    if (length < 0 || length > bulkBytesMax) throw new ProtocolError('a list has no length');
    if (this.#open.length >= depthMax) throw new ProtocolError('a reply is nested too deep');
    const left = sign === '%' || sign === '|' ? 2 * length : length;
    this.#open.push({ sign, left, items: sign === '*' || sign === '~' ? [] : null });
    if (left === 0) this.#close(take);
  }

  /** A value is whole: it is the reply, or belongs to what is open; that may be whole with it. */
  #value(value: ReadReply, take: (reply: ReadReply) => void): void {
    const outer = this.#open.at(-1);
    if (outer === undefined) {
      this.#forget();
      take(value);
      return;
    }
    if (++this.#keptItems > keptItemsMax) outer.items = null;
    outer.items?.push(value);
    if (--outer.left === 0) this.#close(take);
  }

  #close(take: (reply: ReadReply) => void): void {
    const { sign, items } = this.#open.pop() as Aggregate;
    // Attributes are about what follows, and pushes about nothing that was asked.
    if (sign === '|' || sign === '>') return this.#forget();
    this.#value(items === null ? other : { type: 'array', items }, take);
  }

  #forget(): void {
    if (this.#open.length > 0) return;
    this.#keptBytes = 0;
    this.#keptItems = 0;
  }
}

const textOfLine = (codes: readonly number[]): string => String.fromCharCode(...codes);

function integerOf(codes: readonly number[]): bigint {
  const text = codes.length > 32 ? '' : textOfLine(codes);
  if (!/^[+-]?\d+$/.test(text)) throw new ProtocolError('a number is none');
  return BigInt(text);
}
