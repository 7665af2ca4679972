import { encodeCbor } from '../cbor.js';
import type { Disk, DiskFile } from './disk.js';
import {
  type FileEnd,
  type FileHeader,
  frameHeaderBytes,
  recordHeaderBytes,
  sealHeader,
  writeFrameHeader,
} from './record-format.js';

const bytesAtFirst = 4 * 1024;
/** A buffer that grew past this for one large write is let go after it. */
const bytesKeptMax = 4 * 1024 * 1024;

/** Gathers records, encoded at once, into the frame that one write will append. One buffer, used again and again. */
export class FrameBuffer {
  #bytes = new Uint8Array(bytesAtFirst);
  #view = new DataView(this.#bytes.buffer);
  #length = frameHeaderBytes;
  #recordCount = 0;

  /** `data` is what a shape's `toWire` gave. */
  add(data: unknown): void {
    const cbor = encodeCbor(data);
    const start = this.#length + recordHeaderBytes;
    const end = start + cbor.length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#view.setUint32(this.#length, cbor.length, true);
    this.#bytes.set(cbor, start);
    this.#length = end;
    this.#recordCount++;
  }

  get isEmpty(): boolean {
    return this.#recordCount === 0;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Bytes of the frame as it stands. */
  get length(): number {
    return this.#length;
  }

  /** The finished frame, to be appended as this number to the file with this header; good until the next `add` or `clear`. */
  seal(fileChecksum: number, number: number, last = false): Uint8Array {
    const frame = this.#bytes.subarray(0, this.#length);
    writeFrameHeader(frame, { recordCount: this.#recordCount, number, last }, fileChecksum);
    return frame;
  }

  clear(): void {
    if (this.#bytes.length > bytesKeptMax) this.#replace(new Uint8Array(bytesAtFirst));
    this.#length = frameHeaderBytes;
    this.#recordCount = 0;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#replace(larger);
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** A file of a journal that is being written: its header, then frame after frame. */
export class WrittenFile implements FileEnd {
  readonly checksum: number;
  readonly file: DiskFile;
  bytes: number;
  #frameCount = 0;

  /** Makes the file, under this name. */
  constructor(disk: Disk, name: string, header: FileHeader) {
    const sealed = sealHeader(header);
    this.checksum = sealed.checksum;
    this.bytes = sealed.bytes.length;
    this.file = disk.create(name);
    try {
      this.file.append(sealed.bytes);
    } catch (error) {
      this.file.close();
      throw error;
    }
  }

  /** Appends what was gathered as one frame, and empties the buffer. Returns the frame's length. */
  append(gathered: FrameBuffer, last = false): number {
    const frame = gathered.seal(this.checksum, this.#frameCount, last);
    this.file.append(frame);
    this.bytes += frame.length;
    this.#frameCount++;
    gathered.clear();
    return frame.length;
  }
}
