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

const sizeAtFirst = 4 * 1024;
const cr = 0x0d;
const lf = 0x0a;

/** Gathers replies as bytes until they are taken. */
export class ReplyWriter {
  version: RespVersion = 2;
  #bytes = new Uint8Array(sizeAtFirst);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  /** All that was written since the last call; the caller may keep it. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#at);
    this.#at = 0;
    if (this.#bytes.length > 64 * sizeAtFirst) this.#bytes = new Uint8Array(sizeAtFirst);
    return taken;
  }

  write(reply: RespReply): void {
    switch (reply.type) {
      case 'simple':
        return this.#line('+', oneLine(reply.text));
      case 'error':
        return this.#line('-', oneLine(reply.text));
      case 'integer':
        return this.#line(':', String(reply.value));
      case 'bulk':
        return reply.value === null ? this.#null('$-1') : this.#bulk(reply.value);
      case 'verbatim':
        return this.#verbatim(reply.text);
      case 'array':
        return this.#items('*', reply.items);
      case 'no array':
        return this.#null('*-1');
      case 'map':
        return this.#map(reply.entries);
      case 'set':
        return this.#items(this.version === 3 ? '~' : '*', reply.items);
      case 'double':
        if (this.version === 3) return this.#line(',', String(reply.value));
        return this.#bulk(encodeUtf8(String(reply.value)));
    }
  }

  #null(inVersion2: string): void {
    this.#line('', this.version === 3 ? '_' : inVersion2);
  }

  #bulk(value: Uint8Array): void {
    this.#line('$', String(value.length));
    this.#reserve(value.length + 2);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    this.#end();
  }

  #verbatim(text: string): void {
    const bytes = encodeUtf8(this.version === 3 ? `txt:${text}` : text);
    if (this.version === 2) return this.#bulk(bytes);
    this.#line('=', String(bytes.length));
    this.#reserve(bytes.length + 2);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#end();
  }

  #items(sign: string, items: readonly RespReply[]): void {
    this.#line(sign, String(items.length));
    for (const item of items) this.write(item);
  }

  #map(entries: readonly (readonly [RespReply, RespReply])[]): void {
    const isMap = this.version === 3;
    this.#line(isMap ? '%' : '*', String(isMap ? entries.length : 2 * entries.length));
    for (const [key, value] of entries) {
      this.write(key);
      this.write(value);
    }
  }

  #line(sign: string, text: string): void {
    const bytes = encodeUtf8(sign + text);
    this.#reserve(bytes.length + 2);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#end();
  }

  #end(): void {
    this.#bytes[this.#at++] = cr;
    this.#bytes[this.#at++] = lf;
  }

  #reserve(more: number): void {
    const wanted = this.#at + more;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

/** A line of the protocol has no line breaks in it. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');
