/**
 * CRC-32 as zlib, PNG and Ethernet have it (polynomial 0xEDB88320, reflected), eight bytes a step: "slicing-by-8",
 * Kounavis and Berry, 2005. For short inputs it beats a call out of JavaScript; for long ones a faster function may be
 * named by whoever has one.
 */
export type Crc32 = (bytes: Uint8Array, before?: number) => number;

/** Filled at their first use. Table 0 is the byte-wise one; table k is for a byte that k others follow. */
const tables = new Int32Array(8 * 256);
/** From so many bytes on a native function wins. */
const longBytesMin = 512;
let forLong: Crc32 | null = null;

/** Has inputs of 512 bytes and more computed by `native`, which must give the same numbers. */
export function accelerateCrc32(native: Crc32): void {
  forLong = native;
}

/** The checksum of `bytes`, an unsigned 32-bit integer; of what `before` is the checksum of, and then of `bytes`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  return crc32Of(bytes, 0, bytes.length, before);
}

/** The same of those from `start` to `end`: to make a view of them first takes longer than the checksum of a few. */
export function crc32Of(bytes: Uint8Array, start: number, end: number, before = 0): number {
  if (forLong !== null && end - start >= longBytesMin)
    return forLong(bytes.subarray(start, end), before);
  if (tables[1] === 0) fillTables();
  let crc = ~before;
  let at = start;
  for (; at + 7 < end; at += 8) {
    crc ^= word(bytes, at);
    const next = word(bytes, at + 4);
    crc =
      entry(7, crc) ^
      entry(6, crc >>> 8) ^
      entry(5, crc >>> 16) ^
      entry(4, crc >>> 24) ^
      entry(3, next) ^
      entry(2, next >>> 8) ^
      entry(1, next >>> 16) ^
      entry(0, next >>> 24);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ entry(0, crc ^ (bytes[at] as number));
  return ~crc >>> 0;
}

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

const entry = (table: number, byte: number): number =>
  tables[(table << 8) | (byte & 0xff)] as number;

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const shorter = tables[at - 256] as number;
    tables[at] = (shorter >>> 8) ^ (tables[shorter & 0xff] as number);
  }
}
