import { crc32 } from '../../core/crc32.js';
import type { Disk } from './disk.js';
import {
  type Frame,
  frameHeaderAt,
  frameHeaderBytes,
  type HeaderRead,
  headerBytesMax,
  readHeader,
  recordHeaderBytes,
  viewOf,
} from './record-format.js';

/** How much of a file is in memory at a time, unless one record is larger. */
export const sliceBytesDefault = 1024 * 1024;

/** Little-endian. A `DataView` for each record would cost more than the record. */
function uint32At(bytes: Uint8Array): number {
  return pair(bytes, 2) * 0x10000 + pair(bytes, 0);
}

const pair = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 1] as number) << 8) | (bytes[at] as number);

/** A journal file, read in slices: however large it is, no more than one slice or one record is in memory. */
export class SlicedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly #disk: Disk;
  readonly #sliceBytes: number;
  #slice: Uint8Array = new Uint8Array(0);
  #sliceStart = 0;

  constructor(disk: Disk, name: string, sliceBytes: number) {
    this.name = name;
    this.size = disk.size(name);
    this.#disk = disk;
    this.#sliceBytes = sliceBytes;
  }

  header(): HeaderRead {
    return readHeader(this.#disk.read(this.name, 0, Math.min(headerBytesMax, this.size)));
  }

  /** Lets go of the slice in memory. */
  release(): void {
    this.#slice = new Uint8Array(0);
  }

  /** The frame whose header stands intact at `offset`, or `null`. */
  frameAt(offset: number, fileChecksum: number): Frame | null {
    if (offset + frameHeaderBytes > this.size) return null;
    const bytes = this.#view(offset, frameHeaderBytes);
    return frameHeaderAt(bytes, viewOf(bytes), 0, fileChecksum);
  }

  /** Where the first intact frame header at or after `offset` begins, or `null`. */
  findFrame(offset: number, fileChecksum: number): number | null {
    for (let start = offset; start + frameHeaderBytes <= this.size; ) {
      const atLeast = Math.max(this.#sliceBytes, frameHeaderBytes);
      const bytes = this.#view(start, Math.min(atLeast, this.size - start));
      const view = viewOf(bytes);
      const places = bytes.length - frameHeaderBytes + 1;
      for (let at = 0; at < places; at++) {
        if (frameHeaderAt(bytes, view, at, fileChecksum) !== null) return start + at;
      }
      start += places;
    }
    return null;
  }

  /** Whether all of the payload that begins at `offset` is there and matches its checksum. */
  isIntact(frame: Frame, offset: number): boolean {
    const end = offset + frame.length;
    if (end > this.size) return false;
    let checksum = 0;
    for (let at = offset; at < end; ) {
      const length = Math.min(this.#sliceBytes, end - at);
      checksum = crc32(this.#view(at, length), checksum);
      at += length;
    }
    return checksum === frame.payloadChecksum;
  }

  /** Where the zeros at the end of the file begin, looked for from `offset` on. */
  contentEnd(offset: number): number {
    let end = offset;
    for (let at = offset; at < this.size; ) {
      const length = Math.min(this.#sliceBytes, this.size - at);
      const last = this.#view(at, length).findLastIndex((byte) => byte !== 0);
      if (last >= 0) end = at + last + 1;
      at += length;
    }
    return end;
  }

  /**
   * Hands over the CBOR of each record of an intact frame, good until `visit` returns. Returns false when they don't fill
   * the payload exactly.
   */
  visitRecords(frame: Frame, offset: number, visit: (cbor: Uint8Array) => void): boolean {
    const end = offset + frame.length;
    let at = offset;
    for (let index = 0; index < frame.recordCount; index++) {
      if (at + recordHeaderBytes > end) return false;
      const start = at + recordHeaderBytes;
      at = start + uint32At(this.#view(at, recordHeaderBytes));
      if (at > end) return false;
      visit(this.#view(start, at - start));
    }
    return at === end;
  }

  /** Bytes that the file has; good until the next call. */
  #view(offset: number, length: number): Uint8Array {
    const start = offset - this.#sliceStart;
    if (start >= 0 && start + length <= this.#slice.length) {
      return this.#slice.subarray(start, start + length);
    }
    const wanted = Math.max(length, Math.min(this.#sliceBytes, this.size - offset));
    this.#slice = this.#disk.read(this.name, offset, wanted);
    this.#sliceStart = offset;
    return this.#slice.subarray(0, length);
  }
}
