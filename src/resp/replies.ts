/**
 * What a server says in RESP2 and RESP3 (https://redis.io/docs/latest/develop/reference/protocol-spec/): replies as data,
 * and the writer that makes bytes of them.
 */
import { encodeUtf8 } from '../core/utf8.js';

export type RespReply =
  | { readonly type: 'simple'; readonly text: string }
  /** Its first word is the code by which programs tell errors apart. */
  | { readonly type: 'error'; readonly text: string }
  | { readonly type: 'integer'; readonly value: number | bigint }
  /** Bytes; `null` is the null of the protocol. */
  | { readonly type: 'bulk'; readonly value: Uint8Array | null }
  /** Text for people: RESP3 says that it is; RESP2 has a bulk string. */
  | { readonly type: 'verbatim'; readonly text: string }
  | { readonly type: 'array'; readonly items: readonly RespReply[] }
  /** The null of an array: what EXEC says that did nothing. */
  | { readonly type: 'no array' }
  /** In RESP2 an array of keys and values in turn. */
  | { readonly type: 'map'; readonly entries: readonly (readonly [RespReply, RespReply])[] }
  /** In RESP2 an array. */
  | { readonly type: 'set'; readonly items: readonly RespReply[] }
  /** In RESP2 a bulk string. */
  | { readonly type: 'double'; readonly value: number };

export type RespVersion = 2 | 3;

export const ok: RespReply = { type: 'simple', text: 'OK' };
export const queued: RespReply = { type: 'simple', text: 'QUEUED' };
export const nothing: RespReply = { type: 'bulk', value: null };

export const errorReply = (text: string): RespReply => ({ type: 'error', text });
export const integer = (value: number | bigint): RespReply => ({ type: 'integer', value });
export const bulk = (value: Uint8Array | null): RespReply => ({ type: 'bulk', value });
export const textReply = (text: string): RespReply => ({ type: 'bulk', value: encodeUtf8(text) });
export const array = (items: readonly RespReply[]): RespReply => ({ type: 'array', items });

/** About what a reply takes, in memory and as bytes. */
export function replyBytes(reply: RespReply): number {
  switch (reply.type) {
    case 'bulk':
      return 64 + (reply.value?.length ?? 0);
    case 'simple':
    case 'error':
    case 'verbatim':
      return 64 + reply.text.length;
    case 'array':
    case 'set':
      return reply.items.reduce((sum, item) => sum + replyBytes(item), 64);
    case 'map':
      return reply.entries.reduce(
        (sum, [key, value]) => sum + replyBytes(key) + replyBytes(value),
        64,
      );
    case 'integer':
    case 'double':
    case 'no array':
      return 64;
  }
}

/** A buffer of this size goes to the next writer that has something to say, so that those who rest keep none. */
export const spareBytes = 4 * 1024;
const sparesMax = 256;

interface Spare {
  readonly bytes: Uint8Array;
  /** The last that was taken of it: what is taken next mostly is as long. */
  taken: Uint8Array;
}
const spares: Spare[] = [];
const none = new Uint8Array(0);

/** Up to here a loop copies bytes faster than a call does. */
const loopBytesMax = 48;
const intMax = 2 ** 31 - 1;
const int64Max = 2n ** 63n - 1n;

const cr = 0x0d;
const lf = 0x0a;
const zero = 0x30;
const sign = { simple: 0x2b, error: 0x2d, integer: 0x3a, bulk: 0x24, array: 0x2a } as const;
/** Of version 3. */
const sign3 = {
  map: 0x25,
  set: 0x7e,
  double: 0x2c,
  verbatim: 0x3d,
  big: 0x28,
  null: 0x5f,
} as const;

/** Gathers replies as bytes until they are taken. */
export class ReplyWriter {
  version: RespVersion = 2;
  #bytes: Uint8Array = none;
  #at = 0;
  /** Whose bytes they are; `null`: nobody else's. */
  #spare: Spare | null = null;

  get length(): number {
    return this.#at;
  }

  /**
   * All that was written since the last call. Up to {@link spareBytes} it is there only until anything is written again, by
   * whichever writer; more is the caller's to keep.
   */
  take(): Uint8Array {
    const spare = this.#spare;
    let taken = spare?.taken;
    if (taken?.length !== this.#at) taken = this.#bytes.subarray(0, this.#at);
    if (spare !== null) spare.taken = taken;
    this.clear();
    return taken;
  }

  clear(): void {
    if (this.#spare !== null && spares.length < sparesMax) spares.push(this.#spare);
    this.#spare = null;
    this.#bytes = none;
    this.#at = 0;
  }

  write(reply: RespReply): void {
    switch (reply.type) {
      case 'simple':
        return this.#line(sign.simple, reply.text);
      case 'error':
        return this.#line(sign.error, reply.text);
      case 'integer':
        return this.#integer(reply.value);
      case 'bulk':
        return reply.value === null ? this.#null('$-1') : this.#bulk(sign.bulk, reply.value);
      case 'verbatim':
        if (this.version === 2) return this.#bulk(sign.bulk, encodeUtf8(reply.text));
        return this.#bulk(sign3.verbatim, encodeUtf8(`txt:${reply.text}`));
      case 'array':
        return this.#items(sign.array, reply.items);
      case 'no array':
        return this.#null('*-1');
      case 'map':
        return this.#map(reply.entries);
      case 'set':
        return this.#items(this.version === 3 ? sign3.set : sign.array, reply.items);
      case 'double':
        return this.#double(doubleText(reply.value));
    }
  }

  #null(inVersion2: string): void {
    const text = this.version === 3 ? '_' : inVersion2;
    this.#line(text.charCodeAt(0), text.slice(1));
  }

  #integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value <= intMax) {
      return this.#head(sign.integer, value);
    }
    const text = String(value);
    if (typeof value === 'number' || (value <= int64Max && value >= -int64Max - 1n)) {
      return this.#line(sign.integer, text);
    }
    if (this.version === 3) this.#line(sign3.big, text);
    else this.#bulk(sign.bulk, encodeUtf8(text));
  }

  #double(text: string): void {
    if (this.version === 3) this.#line(sign3.double, text);
    else this.#bulk(sign.bulk, encodeUtf8(text));
  }

  #items(of: number, items: readonly RespReply[]): void {
    this.#head(of, items.length);
    for (const item of items) this.write(item);
  }

  #map(entries: readonly (readonly [RespReply, RespReply])[]): void {
    if (this.version === 3) this.#head(sign3.map, entries.length);
    else this.#head(sign.array, 2 * entries.length);
    for (const [key, value] of entries) {
      this.write(key);
      this.write(value);
    }
  }

  #bulk(of: number, value: Uint8Array): void {
    this.#head(of, value.length);
    this.#reserve(value.length + 2);
    const bytes = this.#bytes;
    const at = this.#at;
    if (value.length > loopBytesMax) bytes.set(value, at);
    else for (let nth = 0; nth < value.length; nth++) bytes[at + nth] = value[nth] as number;
    this.#at += value.length;
    this.#end();
  }

  /** A sign and a number from 0 to 2^31 - 1. */
  #head(of: number, value: number): void {
    this.#reserve(13);
    const bytes = this.#bytes;
    bytes[this.#at++] = of;
    let digits = 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) digits++;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - 10 * tenth;
      rest = tenth;
    }
    this.#at += digits;
    this.#end();
  }

  /** A line has no line breaks in it. */
  #line(of: number, text: string): void {
    this.#reserve(text.length + 3);
    const bytes = this.#bytes;
    const began = this.#at;
    bytes[this.#at++] = of;
    for (let nth = 0; nth < text.length; nth++) {
      const unit = text.charCodeAt(nth);
      if (unit >= 0x80) {
        this.#at = began;
        return this.#wideLine(of, encodeUtf8(text));
      }
      bytes[this.#at++] = unit === cr || unit === lf ? 0x20 : unit;
    }
    this.#end();
  }

  #wideLine(of: number, text: Uint8Array): void {
    this.#reserve(text.length + 3);
    this.#bytes[this.#at++] = of;
    for (const byte of text) this.#bytes[this.#at++] = byte === cr || byte === lf ? 0x20 : byte;
    this.#end();
  }

  #end(): void {
    this.#bytes[this.#at++] = cr;
    this.#bytes[this.#at++] = lf;
  }

  #reserve(more: number): void {
    const wanted = this.#at + more;
    if (wanted <= this.#bytes.length) return;
    if (wanted <= spareBytes) {
      this.#spare = spares.pop() ?? { bytes: new Uint8Array(spareBytes), taken: none };
      this.#bytes = this.#spare.bytes;
      return;
    }
    const larger = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.clear();
    this.#bytes = larger;
    this.#at = wanted - more;
  }
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? 'inf' : '-inf';
}
