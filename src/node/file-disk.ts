import {
  close,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { accelerateCrc32 } from '../core/crc32.js';
import { invariant } from '../core/invariant.js';
import type { Disk, DiskFile } from '../runtime/journal/disk.js';
import { lockFolder } from './folder-lock.js';
import { syncFolder } from './sync-folder.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Only the user who runs the cluster may look into it. */
const folderMode = 0o700;
const fileMode = 0o600;
/** Node takes no more than 2 GiB in one call. */
const writeBytesMax = 256 * 1024 * 1024;
/**
 * A sync of bytes that stand where zeros stood takes about 0.6 of the time of one that makes the file longer, as it touches no
 * metadata. So a log goes on over zeros: twice as many each time they are used up, to this most.
 */
const reserveBytesAtFirst = 64 * 1024;
const reserveBytesMax = 1024 * 1024;
const zeros = new Uint8Array(reserveBytesMax);

/** A sync that takes longer is nothing to wait for... */
const quickSyncMs = 1;
/** ...and after it none is waited for during so many times as long: a thread stands still for a slow disk for a twentieth of its time. */
const slowSyncRest = 20;

/** Until when no thread waits for a sync, by the machine's clock. All files of a disk share it. */
interface Pace {
  slowUntil: number;
}

/** A folder of real files. Throws and calls back with what the operating system says. */
export class FileDisk implements Disk {
  readonly place: string;
  readonly #pace: Pace = { slowUntil: 0 };

  /** Makes the folder, and what leads to it, where they are missing. */
  constructor(folder: string) {
    accelerateCrc32(crc32);
    this.place = resolve(folder);
    const firstMade = mkdirSync(this.place, { recursive: true, mode: folderMode });
    if (firstMade === undefined) return;
    // A folder's name is durable once the folder that it stands in is synced.
    for (let made = this.place; made.length >= firstMade.length; made = dirname(made)) {
      syncFolder(dirname(made));
    }
  }

  lock(): () => void {
    return lockFolder(this.place);
  }

  /** All there is, whatever it is: a link under a file's name must be met and refused, not passed over. */
  list(): string[] {
    return readdirSync(this.place);
  }

  size(name: string): number {
    const file = this.#open(name, O_RDONLY);
    try {
      return fstatSync(file).size;
    } finally {
      closeSync(file);
    }
  }

  read(name: string, offset: number, length: number): Uint8Array {
    // A plain array: slices of a Buffer would be Buffers, and values read from disk must be like any others.
    const bytes = new Uint8Array(length);
    const file = this.#open(name, O_RDONLY);
    try {
      // The system may give less than asked for.
      for (let at = 0; at < length; ) {
        const count = readSync(file, bytes, at, length - at, offset + at);
        if (count === 0) throw ioError('read', this.#path(name), 'it has become shorter');
        at += count;
      }
    } finally {
      closeSync(file);
    }
    return bytes;
  }

  create(name: string, reserves = false): DiskFile {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
    const file = openSync(this.#path(name), flags, fileMode);
    return new AppendedFile(file, this.#pace, this.place, reserves ? reserveBytesAtFirst : 0);
  }

  open(name: string, length: number): DiskFile {
    const file = this.#open(name, O_WRONLY);
    try {
      const { size } = fstatSync(file);
      invariant(size >= length, `${name} has ${size} bytes, cannot be cut to ${length}`);
      if (size > length) ftruncateSync(file, length);
      fsyncSync(file);
      syncFolder(this.place);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    return new AppendedFile(file, this.#pace, null, 0, length);
  }

  rename(from: string, to: string): void {
    renameSync(this.#path(from), this.#path(to));
    syncFolder(this.place);
  }

  /** To free the blocks of a large file takes milliseconds: that is left to who closes it last, in the thread pool. */
  remove(name: string): void {
    const path = this.#path(name);
    const file = this.#open(name, O_RDONLY);
    try {
      unlinkSync(path);
    } finally {
      close(file, () => {});
    }
  }

  /** Follows no link, waits for nothing, and takes nothing but a file. */
  #open(name: string, flags: number): number {
    const path = this.#path(name);
    const file = openSync(path, flags | O_NOFOLLOW | O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
    throw ioError('open', path, 'it is no file');
  }

  #path(name: string): string {
    return join(this.place, name);
  }
}

type SyncDone = (error: Error | null) => void;

class AppendedFile implements DiskFile {
  readonly #descriptor: number;
  readonly #pace: Pace;
  /** Whose first sync must make the name durable, too; `null` afterwards. */
  #folder: string | null;
  /** How many zeros are written once there are none left; 0 for none. */
  #reserve: number;
  /** Where the next bytes go. */
  #end: number;
  /** Where the zeros end. */
  #reservedEnd: number;
  /** A sync that has to write them is not quick. */
  #hasNewZeros = false;
  #syncing = false;
  #closed = false;

  constructor(descriptor: number, pace: Pace, folder: string | null, reserve: number, end = 0) {
    this.#descriptor = descriptor;
    this.#pace = pace;
    this.#folder = folder;
    this.#reserve = reserve;
    this.#end = end;
    this.#reservedEnd = end;
  }

  append(bytes: Uint8Array): void {
    this.#write(bytes, this.#end);
    this.#end += bytes.length;
    if (this.#reserve > 0 && this.#end > this.#reservedEnd) this.#writeZeros();
  }

  /** After the bytes, so that these have the room that there is. */
  #writeZeros(): void {
    try {
      this.#write(zeros.subarray(0, this.#reserve), this.#end);
      this.#hasNewZeros = true;
      this.#reservedEnd = this.#end + this.#reserve;
      this.#reserve = Math.min(this.#reserve * 2, reserveBytesMax);
    } catch {
      // No room for zeros. What is appended from now on finds its own.
      this.#reserve = 0;
    }
  }

  #write(bytes: Uint8Array, start: number): void {
    // The system may take less than all, as when the disk is nearly full; the next call then says why.
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(bytes.length - at, writeBytesMax);
      const count = writeSync(this.#descriptor, bytes, at, length, start + at);
      if (count === 0) throw ioError('write', 'the journal', 'the system took nothing');
      at += count;
    }
  }

  sync(done: SyncDone): void {
    invariant(!this.#syncing && !this.#closed, 'one sync at a time, on an open file');
    this.#syncing = true;
    this.#hasNewZeros = false;
    fdatasync(this.#descriptor, (error) => {
      if (error !== null || this.#folder === null) this.#finish(error, done);
      else this.#syncName(this.#folder, done);
    });
  }

  syncIfQuick(): boolean {
    const beganAt = performance.now();
    if (this.#hasNewZeros || beganAt < this.#pace.slowUntil) return false;
    this.syncNow();
    const tookMs = performance.now() - beganAt;
    if (tookMs > quickSyncMs) this.#pace.slowUntil = beganAt + tookMs * slowSyncRest;
    return true;
  }

  syncNow(): void {
    invariant(!this.#syncing && !this.#closed, 'one sync at a time, on an open file');
    this.#hasNewZeros = false;
    fdatasyncSync(this.#descriptor);
    if (this.#folder !== null) syncFolder(this.#folder);
    this.#folder = null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Closing under a running sync could give its descriptor to another file.
    if (!this.#syncing) this.#release();
  }

  #release(): void {
    try {
      if (this.#reservedEnd > this.#end) ftruncateSync(this.#descriptor, this.#end);
    } catch {
      // Zeros at the end of a log mean nothing.
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #syncName(folder: string, done: SyncDone): void {
    let descriptor: number;
    try {
      descriptor = openSync(folder, 'r');
    } catch (error) {
      this.#finish(error as Error, done);
      return;
    }
    fsync(descriptor, (error) => {
      closeSync(descriptor);
      if (error === null) this.#folder = null;
      this.#finish(error, done);
    });
  }

  #finish(error: Error | null, done: SyncDone): void {
    this.#syncing = false;
    if (this.#closed) this.#release();
    else done(error);
  }
}

/** As the system would report it, where it reports nothing. */
function ioError(syscall: string, path: string, why: string): Error {
  return Object.assign(new Error(`EIO: ${syscall} '${path}': ${why}`), { code: 'EIO', errno: -5 });
}
