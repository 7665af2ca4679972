import type { Shape } from '../../core/wire.js';
import type { Disk, DiskFile } from './disk.js';
import { FrameBuffer } from './frame-buffer.js';
import {
  type FileIdentity,
  fileName,
  frameHeaderBytes,
  temporaryName,
  writeFileHeader,
  writeFrameHeader,
} from './record-format.js';

/** Where one slice of a snapshot ends, whichever comes first. */
export interface SliceLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

/**
 * A snapshot on its way to disk: under a temporary name until it is whole and synced, so that one which can be found
 * under its own name is complete.
 */
export class SnapshotWriter<R> {
  readonly identity: FileIdentity;
  readonly #disk: Disk;
  readonly #shape: Shape<R>;
  readonly #records: Iterator<R>;
  readonly #limits: SliceLimits;
  readonly #slice = new FrameBuffer();
  readonly #file: DiskFile;
  #bytes = 0;
  #isDrawn = false;
  #isSynced = false;

  /** Makes the temporary file; throws what the disk throws. */
  constructor(
    disk: Disk,
    shape: Shape<R>,
    identity: FileIdentity,
    records: Iterable<R>,
    limits: SliceLimits,
  ) {
    this.identity = identity;
    this.#disk = disk;
    this.#shape = shape;
    this.#records = records[Symbol.iterator]();
    this.#limits = limits;
    this.#file = disk.create(temporaryName(this.identity));
    this.#append(writeFileHeader(this.identity));
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when there is no more to draw. */
  get isDrawn(): boolean {
    return this.#isDrawn;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Takes the next records from the source. What the source throws goes through: a bug there is not the disk's. */
  draw(): void {
    while (
      this.#slice.recordCount < this.#limits.recordsMax &&
      this.#slice.length < this.#limits.bytesMax
    ) {
      const next = this.#records.next();
      if (next.done === true) {
        this.#isDrawn = true;
        return;
      }
      this.#slice.add(this.#shape.toWire(next.value));
    }
  }

  /** Writes what was drawn, and the end of the file after the last slice. Throws what the disk throws. */
  write(): void {
    if (!this.#slice.isEmpty) {
      this.#append(this.#slice.seal(this.identity, this.#bytes));
      this.#slice.clear();
    }
    if (!this.#isDrawn) return;
    const end = new Uint8Array(frameHeaderBytes);
    writeFrameHeader(end, 0, true, this.identity, this.#bytes);
    this.#append(end);
  }

  /** After the last slice: makes the file durable, still under its temporary name. */
  sync(done: (error: Error | null) => void): void {
    this.#file.sync((error) => {
      this.#isSynced = error === null;
      done(error);
    });
  }

  /** Gives the synced file its name; durable on return. */
  publish(): void {
    this.#file.close();
    this.#disk.rename(temporaryName(this.identity), fileName(this.identity));
  }

  /** Lets go of the file; what is there of it is removed by the next recovery. */
  close(): void {
    this.#file.close();
  }

  #append(bytes: Uint8Array): void {
    this.#file.append(bytes);
    this.#bytes += bytes.length;
  }
}
