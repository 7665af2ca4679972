import { type Key, keyToBytes } from '../../core/key.js';
import { encodeUtf8 } from '../../core/utf8.js';
import { bytesToJsonText } from '../json/bytes.js';

const size = 256 * 1024;
const quote = 0x22;
const zero = 0x30;
/** By code: whether it is printable ASCII that JSON does not escape. */
const plain = Uint8Array.from({ length: 128 }, (_, code) =>
  code >= 0x20 && code < 0x7f && code !== quote && code !== 0x5c ? 1 : 0,
);
const billion = 1e9;
const powersOfTen = Array.from({ length: 10 }, (_, exponent) => 10 ** exponent);

/**
 * JSON on its way to a file, put together byte by byte: nothing that is plain becomes a string on the way, for strings by
 * the hundred thousand are work for the garbage collector, which all that is measured would wait for.
 */
export class LineBuffer {
  readonly #bytes = new Uint8Array(size);
  readonly #write: (bytes: Uint8Array) => void;
  #at = 0;

  /** `write` gets bytes that are good until it returns; when there are enough of them, or at {@link flush}. */
  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  flush(): void {
    const length = this.#at;
    this.#at = 0;
    if (length > 0) this.#write(this.#bytes.subarray(0, length));
  }

  /** A short piece of JSON in ASCII. */
  json(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
    this.#at = at;
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(number: number): void {
    // Engines are slow to print numbers of more than 32 bits.
    const high = Math.floor(number / billion);
    if (high === 0) this.#digits(number, 1);
    else {
      this.#digits(high, 1);
      this.#digits(number - high * billion, 9);
    }
  }

  string(text: string): void {
    if (!this.#plainText(text)) this.text(JSON.stringify(text));
  }

  key(key: Key): void {
    if (!this.#plainText(key)) this.text(bytesToJsonText(keyToBytes(key)));
  }

  value(value: Uint8Array | null): void {
    if (value === null) this.json('null');
    else if (!this.#plainBytes(value)) this.text(bytesToJsonText(value));
  }

  /** Any text as it is. */
  text(text: string): void {
    const encoded = encodeUtf8(text);
    this.#reserve(encoded.length);
    if (encoded.length > size) {
      this.#write(encoded);
      return;
    }
    this.#bytes.set(encoded, this.#at);
    this.#at += encoded.length;
  }

  /** With zeros before it when it has fewer than `digitsMin`. */
  #digits(number: number, digitsMin: number): void {
    let count = digitsMin;
    while (count < 10 && number >= (powersOfTen[count] as number)) count++;
    this.#reserve(count);
    const bytes = this.#bytes;
    let left = number | 0;
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const rest = (left / 10) | 0;
      bytes[at] = zero + left - rest * 10;
      left = rest;
    }
    this.#at += count;
  }

  /** False when it has what must be escaped, or does not fit; then nothing is written. */
  #plainText(text: string): boolean {
    if (text.length + 2 > size) return false;
    this.#reserve(text.length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = quote;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f || plain[code] === 0) return false;
      bytes[at++] = code;
    }
    bytes[at++] = quote;
    this.#at = at;
    return true;
  }

  /** As {@link #plainText}. */
  #plainBytes(value: Uint8Array): boolean {
    if (value.length + 2 > size) return false;
    this.#reserve(value.length + 2);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = quote;
    for (let index = 0; index < value.length; index++) {
      const code = value[index] as number;
      if (code > 0x7f || plain[code] === 0) return false;
      bytes[at++] = code;
    }
    bytes[at++] = quote;
    this.#at = at;
    return true;
  }

  /** After it there is room for so many bytes, or for none more than there can be. */
  #reserve(length: number): void {
    if (length > size - this.#at) this.flush();
  }
}
