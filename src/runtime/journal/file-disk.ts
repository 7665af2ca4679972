import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { invariant } from '../../core/invariant.js';
import type { Disk, DiskFile } from './disk.js';

/** Only the user who runs the cluster may look into it. */
const folderMode = 0o700;
const fileMode = 0o600;

/** A folder of real files. Throws and calls back with what the operating system says. */
export class FileDisk implements Disk {
  readonly place: string;

  /** Makes the folder, and what leads to it, where they are missing. */
  constructor(folder: string) {
    this.place = resolve(folder);
    const firstMade = mkdirSync(this.place, { recursive: true, mode: folderMode });
    if (firstMade === undefined) return;
    // A folder's name is durable once the folder that it stands in is synced.
    for (let made = this.place; made.length >= firstMade.length; made = dirname(made)) {
      syncFolder(dirname(made));
    }
  }

  list(): string[] {
    const entries = readdirSync(this.place, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }

  read(name: string): Uint8Array {
    const bytes = readFileSync(this.#path(name));
    // A plain array: slices of a Buffer would be Buffers, and values read from disk must be like any others.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  create(name: string): DiskFile {
    return new AppendedFile(openSync(this.#path(name), 'ax', fileMode), this.place);
  }

  open(name: string, length: number): DiskFile {
    const file = openSync(this.#path(name), constants.O_WRONLY | constants.O_APPEND);
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
    return new AppendedFile(file, null);
  }

  rename(from: string, to: string): void {
    renameSync(this.#path(from), this.#path(to));
    syncFolder(this.place);
  }

  remove(name: string): void {
    unlinkSync(this.#path(name));
  }

  #path(name: string): string {
    return join(this.place, name);
  }
}

type SyncDone = (error: Error | null) => void;

class AppendedFile implements DiskFile {
  readonly #descriptor: number;
  /** Whose first sync must make the name durable, too; `null` afterwards. */
  #folder: string | null;
  #syncing = false;
  #closed = false;

  constructor(descriptor: number, folder: string | null) {
    this.#descriptor = descriptor;
    this.#folder = folder;
  }

  append(bytes: Uint8Array): void {
    // The system may take less than all, as when the disk is nearly full; the next call then says why.
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
  }

  sync(done: SyncDone): void {
    invariant(!this.#syncing && !this.#closed, 'one sync at a time, on an open file');
    this.#syncing = true;
    fdatasync(this.#descriptor, (error) => {
      if (error !== null || this.#folder === null) this.#finish(error, done);
      else this.#syncName(this.#folder, done);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Closing under a running sync could give its descriptor to another file.
    if (!this.#syncing) closeSync(this.#descriptor);
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
    if (this.#closed) closeSync(this.#descriptor);
    else done(error);
  }
}

function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
