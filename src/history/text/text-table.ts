/**
 * Texts by number, each once, in the order in which they were first met.
 *
 * They are compared as bytes, so that a text met for the thousandth time costs no string: a history of a million
 * operations names a few keys and most values at least twice.
 */
import { decodeUtf8, encodeUtf8 } from '../../core/utf8.js';
import { LineProblem } from '../problem.js';

/** Past it comes an error rather than memory. */
const bytesMax = 2 ** 30;

/** Of 32 bits with a sign, as every hash is. */
const seed = 0x811c9dc5 | 0;

/** One step of the hash (FNV-1a) that {@link TextTable.intern} is given; begins with {@link hashSeed}. */
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
export const hashSeed = seed;

/** For short texts of ASCII, which most are. */
const scratch = new Uint8Array(64);

export class TextTable {
  #count = 0;
  /** Ids plus one; 0 is free. Its length is a power of two. */
  #slots = new Int32Array(256);
  #hashes = new Int32Array(128);
  /** Where each text begins in {@link #bytes}; it ends where the next one begins. */
  #starts = new Int32Array(129);
  #bytes = new Uint8Array(1024);

  /** The number of the text whose UTF-8 form stands in `bytes` from `start` to before `end`. */
  intern(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const id = (slots[slot] as number) - 1;
      if (id < 0) return this.#add(bytes, start, end, hash, slot);
      if (this.#hashes[id] === hash && this.#equals(id, bytes, start, end)) return id;
      slot = (slot + 1) & mask;
    }
  }

  /** The number of the text whose UTF-8 form this is. */
  internBytes(bytes: Uint8Array): number {
    let hash = seed;
    for (let at = 0; at < bytes.length; at++) hash = hashStep(hash, bytes[at] as number);
    return this.intern(bytes, 0, bytes.length, hash);
  }

  /** Throws a {@link LineProblem} for what is no text: half of a surrogate pair has no UTF-8 form. */
  internText(text: string): number {
    const { length } = text;
    if (length <= scratch.length) {
      let hash = seed;
      let at = 0;
      for (; at < length; at++) {
        const unit = text.charCodeAt(at);
        if (unit > 0x7f) break;
        scratch[at] = unit;
        hash = hashStep(hash, unit);
      }
      if (at === length) return this.intern(scratch, 0, length, hash);
    }
    return this.#internWide(text);
  }

  #internWide(text: string): number {
    if (/\p{Surrogate}/u.test(text)) {
      throw new LineProblem(`${JSON.stringify(text)} has half of a surrogate pair: it is no text`);
    }
    return this.internBytes(encodeUtf8(text));
  }

  text(id: number): string {
    const starts = this.#starts;
    return decodeUtf8(this.#bytes, starts[id], starts[id + 1]) as string;
  }

  texts(): string[] {
    return Array.from({ length: this.#count }, (_, id) => this.text(id));
  }

  #equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#starts[id] as number;
    const length = end - start;
    if ((this.#starts[id + 1] as number) - from !== length) return false;
    const known = this.#bytes;
    for (let at = 0; at < length; at++) if (known[from + at] !== bytes[start + at]) return false;
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const id = this.#count;
    const from = this.#starts[id] as number;
    const length = end - start;
    this.#reserve(id, from + length);
    const known = this.#bytes;
    for (let at = 0; at < length; at++) known[from + at] = bytes[start + at] as number;
    this.#starts[id + 1] = from + length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#count = id + 1;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #reserve(id: number, bytes: number): void {
    if (bytes > bytesMax) throw new LineProblem('its keys and values take more than 1 GiB');
    if (bytes > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(bytesMax, Math.max(bytes, this.#bytes.length * 2)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (id >= this.#hashes.length) {
      this.#hashes = grow(this.#hashes, id * 2);
      this.#starts = grow(this.#starts, id * 2 + 1);
    }
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      const hash = this.#hashes[id] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

function grow(column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(column);
  return grown;
}
