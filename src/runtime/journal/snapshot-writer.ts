import type { Shape } from '../../core/wire.js';
import type { Disk } from './disk.js';
import { FrameBuffer, WrittenFile } from './frame-buffer.js';
import type { JournalLimits } from './journal-setup.js';
import {
  type FileEnd,
  type FileHeader,
  fileName,
  snapshotParts,
  temporaryName,
} from './record-format.js';

/**
 * A snapshot on its way to disk. Its first file has a temporary name until all of it is whole and synced, so that one
 * which can be found under its own name is complete. A file that is full is followed by a part; the first file ends by
 * saying what parts there are.
 */
export class SnapshotWriter<R> {
  readonly header: FileHeader;
  readonly #disk: Disk;
  readonly #shape: Shape<R>;
  readonly #records: Iterator<R>;
  readonly #limits: JournalLimits;
  readonly #slice = new FrameBuffer();
  readonly #first: WrittenFile;
  /** Finished and unfinished, without the first. */
  readonly #parts: WrittenFile[] = [];
  /** True when there is no more to draw. */
  isDrawn = false;
  #unsynced = 0;
  /** Written since a piece was last synced. */
  #pieceBytes = 0;
  #isPieceSyncing = false;

  /** Makes the temporary file; throws what the disk throws. `header` is the first file's. */
  constructor(
    disk: Disk,
    shape: Shape<R>,
    header: FileHeader,
    records: Iterable<R>,
    limits: JournalLimits,
  ) {
    this.header = header;
    this.#disk = disk;
    this.#shape = shape;
    this.#records = records[Symbol.iterator]();
    this.#limits = limits;
    this.#first = this.#begin(0);
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes, this.#first.bytes);
  }

  get isSynced(): boolean {
    return this.isDrawn && this.#unsynced === 0;
  }

  /** A piece is being synced: what is written meanwhile, the log's syncs would wait for, too. */
  get isBusy(): boolean {
    return this.#isPieceSyncing;
  }

  /** Takes the next records from the source. What the source throws goes through: a bug there is not the disk's. */
  draw(): void {
    const { recordsMax, bytesMax } = this.#limits.slice;
    while (this.#slice.recordCount < recordsMax && this.#slice.length < bytesMax) {
      const next = this.#records.next();
      if (next.done === true) {
        this.isDrawn = true;
        return;
      }
      this.#slice.add(this.#shape, next.value);
    }
  }

  /**
   * Writes what was drawn, and the end of the snapshot after the last slice. Throws what the disk throws. `onSynced` is
   * called when one of its files is durable, or can't be made so; when all are, `isSynced` is true.
   */
  write(onSynced: (error: Error | null) => void): void {
    if (!this.#slice.isEmpty) {
      const part = this.#roomyPart(onSynced);
      this.#pieceBytes += part.append(this.#slice);
      if (!this.isDrawn && this.#pieceBytes >= this.#limits.snapshotPieceBytes) {
        this.#syncPiece(part, onSynced);
      }
    }
    if (!this.isDrawn) return;
    const ends = this.#parts.map(({ checksum, bytes }): FileEnd => ({ checksum, bytes }));
    this.#slice.add(snapshotParts, ends);
    this.#first.append(this.#slice, true);
    const last = this.#parts.at(-1);
    if (last !== undefined) this.#sync(last, onSynced);
    this.#sync(this.#first, onSynced);
  }

  /** Gives the synced snapshot its name; durable on return. */
  publish(): void {
    this.close();
    this.#disk.rename(temporaryName(this.header), fileName(this.header));
  }

  /** Lets go of the files; what is there of them is removed by the next recovery. */
  close(): void {
    this.#first.file.close();
    for (const { file } of this.#parts) file.close();
  }

  /** The part being written, or a new one when that is full. A full part is synced while the next is written. */
  #roomyPart(onSynced: (error: Error | null) => void): WrittenFile {
    const last = this.#parts.at(-1);
    const current = last ?? this.#first;
    if (current.bytes < this.#limits.snapshotFileBytesMax) return current;
    if (last !== undefined) this.#sync(last, onSynced);
    const part = this.#begin(this.#parts.length + 1);
    this.#parts.push(part);
    return part;
  }

  /** Parts mean nothing without the first file, so they have their names at once. */
  #begin(part: number): WrittenFile {
    const header = { ...this.header, part };
    const name = part === 0 ? temporaryName(header) : fileName(header);
    return new WrittenFile(this.#disk, name, header);
  }

  #syncPiece({ file }: WrittenFile, onSynced: (error: Error | null) => void): void {
    this.#pieceBytes = 0;
    this.#isPieceSyncing = true;
    file.sync((error) => {
      this.#isPieceSyncing = false;
      onSynced(error);
    });
  }

  #sync({ file }: WrittenFile, onSynced: (error: Error | null) => void): void {
    this.#unsynced++;
    file.sync((error) => {
      if (error === null) this.#unsynced--;
      file.close();
      onSynced(error);
    });
  }
}
