/**
 * What is known under short texts, found by their bytes as they stand in a frame or a record: without a string being made of
 * them. A table of a closed set has all of them; one that is filled as texts come forgets an old one for a new one that falls
 * on its place.
 */

/** Longer texts are not kept. */
const bytesMax = 64;
const slotsMin = 64;
/** Of a table that is filled as texts come. */
const slotsOpen = 2048;

interface Slot<V> {
  readonly bytes: Uint8Array;
  readonly value: V;
}

export class WordTable<V> {
  #slots: (Slot<V> | null)[];
  #factor = 31;

  constructor(count = slotsOpen) {
    this.#slots = emptySlots(count);
  }

  /** With all of these, which are different, ASCII and not empty: each has a place to itself. */
  static of<V>(entries: readonly (readonly [text: string, value: V])[]): WordTable<V> {
    const table = new WordTable<V>(slotsMin);
    let count = slotsMin;
    do {
      table.#factor += 2;
      if (table.#factor % 32 === 1) count *= 2;
      table.#slots = emptySlots(count);
    } while (!table.#fill(entries));
    return table;
  }

  /** Unless it is empty, long, or not all of it is ASCII. */
  put(text: string, value: V): void {
    const bytes = asciiBytes(text);
    if (bytes !== null) this.#slots[this.#place(bytes, 0, bytes.length)] = { bytes, value };
  }

  /** Under the text that these bytes are. */
  find(source: Uint8Array, from: number, length: number): V | null {
    if (length === 0 || length > bytesMax) return null;
    const slot = this.#slots[this.#place(source, from, length)] as Slot<V> | null;
    if (slot === null || slot.bytes.length !== length) return null;
    for (let at = 0; at < length; at++) if (slot.bytes[at] !== source[from + at]) return null;
    return slot.value;
  }

  #fill(entries: readonly (readonly [text: string, value: V])[]): boolean {
    return entries.every(([text, value]) => {
      const bytes = asciiBytes(text);
      if (bytes === null) throw new TypeError(`no word for a table: ${text}`);
      const place = this.#place(bytes, 0, bytes.length);
      if (this.#slots[place] !== null) return false;
      this.#slots[place] = { bytes, value };
      return true;
    });
  }

  #place(bytes: Uint8Array, from: number, length: number): number {
    let hash = length;
    for (let at = from; at < from + length; at++) {
      hash = Math.imul(hash, this.#factor) + (bytes[at] as number);
    }
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1);
  }
}

function emptySlots<V>(count: number): (Slot<V> | null)[] {
  return new Array<Slot<V> | null>(count).fill(null);
}

function asciiBytes(text: string): Uint8Array | null {
  const { length } = text;
  if (length === 0 || length > bytesMax) return null;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) return null;
    bytes[at] = code;
  }
  return bytes;
}
