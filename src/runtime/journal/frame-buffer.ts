import type { Shape } from '../../core/wire.js';
import { CborWriter } from '../cbor-writer.js';
import type { Disk, DiskFile } from './disk.js';
import {
  type FileEnd,
  type FileHeader,
  frameHeaderBytes,
  recordHeaderBytes,
  sealHeader,
  writeFrameHeader,
} from './record-format.js';

/** Gathers records, encoded at once, into the frame that one write will append. */
export class FrameBuffer {
  readonly #writer = new CborWriter();
  #recordCount = 0;

  constructor() {
    this.#writer.skip(frameHeaderBytes);
  }

  add<R>(shape: Shape<R>, record: R): void {
    const writer = this.#writer;
    const at = writer.length;
    writer.skip(recordHeaderBytes);
    try {
      shape.write(record, writer);
    } catch (error) {
      writer.truncate(at);
      throw error;
    }
    writer.setUint32(at, writer.length - at - recordHeaderBytes, true);
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
    return this.#writer.length;
  }

  /** The finished frame, to be appended as this number to the file with this header; good until the next `add` or `clear`. */
  seal(fileChecksum: number, number: number, last = false): Uint8Array {
    const frame = this.#writer.written();
    writeFrameHeader(frame, { recordCount: this.#recordCount, number, last }, fileChecksum);
    return frame;
  }

  clear(): void {
    this.#writer.truncate(0);
    this.#writer.skip(frameHeaderBytes);
    this.#recordCount = 0;
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
    this.file = disk.create(name, header.kind === 'log' && header.ordered);
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
