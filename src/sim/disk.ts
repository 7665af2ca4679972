import type { Millis } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { Random } from '../core/random.js';
import type { CrashKind } from '../faults/fault.js';
import type { Disk, DiskFile } from '../runtime/journal/disk.js';
import { inUse } from '../runtime/journal/journal-errors.js';

export interface SimDiskSetup {
  /** All chance of this disk comes from it. */
  readonly random: Random;
  /** Runs `run` once, `delayMs` from now. */
  readonly schedule: (delayMs: Millis, run: () => void) => void;
  /** How long a sync takes, drawn between these. */
  readonly syncMs: { readonly min: Millis; readonly max: Millis };
  /** Nothing is told to be quick enough to wait for unless this is true: then there is nothing that goes wrong meanwhile. */
  readonly isQuick?: boolean;
  /** For messages. */
  readonly place?: string;
}

/** What a power cut makes of bytes that were not synced; drawn file by file when it is not said. */
export type UnsyncedFate = 'lost' | 'torn' | 'kept';

export type DiskImage = readonly (readonly [name: string, bytes: Uint8Array])[];

interface StoredFile {
  bytes: Uint8Array;
  length: number;
  syncedLength: number;
  /** The name survives a power cut. */
  isNamed: boolean;
  /** Zeros stand after what was appended, as a rule. */
  reserves: boolean;
  /** So many of its last bytes are such zeros, which a crash has shown: nobody was writing there. */
  zeros: number;
}

/** The disk as one incarnation of its node has it. */
interface Mount {
  isLive: boolean;
  /** What was removed, but the folder was not synced since. */
  readonly removed: () => Map<string, StoredFile>;
  /** Runs what follows a sync. */
  readonly after: (run: () => void) => void;
  readonly isQuick: () => boolean;
}

const none: readonly never[] = [];

/** Room for most segments: to move a file that has grown costs more. */
const fileBytesMin = 1024;
/** Files that fit share buffers of so many bytes: one for each would take longer to make than to fill. */
const sharedBytes = 64 * 1024;
let shared = new ArrayBuffer(0);
let sharedUsed = 0;

/** Smallest unit that a disk writes whole. */
const sectorBytes = 512;
/** A file that reserves is longer than what was appended, to the next multiple. */
const reserveBytes = 4096;

/**
 * A disk in memory that keeps what the port promises and not a byte more.
 *
 * It belongs to the machine, not to the process: after {@link crash} the next incarnation finds on it what survived.
 * What a power cut does to bytes and names that were not synced is drawn from `random`, file by file.
 */
export class SimDisk implements Disk {
  readonly place: string;
  readonly #setup: SimDiskSetup;
  #files = new Map<string, StoredFile>();
  /** Removed, but the folder was not synced since: may come back. */
  #removed = new Map<string, StoredFile>();
  #mount = this.#mounted();
  /** Who has locked it. */
  #holder: object | null = null;

  constructor(setup: SimDiskSetup) {
    this.#setup = setup;
    this.place = setup.place ?? 'the simulated disk';
  }

  /** Ends the present incarnation: its files take no more calls, its syncs under way never call back. */
  crash(kind: CrashKind, unsynced?: UnsyncedFate): void {
    this.#mount.isLive = false;
    this.#mount = this.#mounted();
    this.#holder = null;
    if (kind === 'kill') {
      for (const file of this.#files.values()) showReserve(file);
      return;
    }
    const survivors = new Map<string, StoredFile>();
    for (const [name, file] of this.#files) {
      const keepsName =
        unsynced === undefined ? this.#setup.random.chance(0.5) : unsynced !== 'lost';
      if (file.isNamed || keepsName) survivors.set(name, this.#survivor(file, unsynced));
    }
    for (const [name, file] of this.#removed) {
      if (survivors.has(name)) continue;
      const isBack = unsynced === undefined ? this.#setup.random.chance(0.5) : unsynced === 'lost';
      if (isBack) survivors.set(name, this.#survivor(file, unsynced));
    }
    this.#files = survivors;
    this.#removed = new Map();
  }

  /** An empty disk is put in its place. */
  wipe(): void {
    this.replace([]);
  }

  /**
   * Damages a byte that is durable, drawn from all of them; `null` when there is none. The function returned mends it, as far
   * as it is still there.
   */
  rot(): (() => void) | null {
    const { random } = this.#setup;
    const files = [...this.#files].filter(([, { syncedLength }]) => syncedLength > 0);
    if (files.length === 0) return null;
    const [name, { syncedLength }] = random.pick(files);
    const [offset, mask] = [random.below(syncedLength), 1 << random.below(8)];
    this.corrupt(name, offset, mask);
    return () => {
      if (offset < (this.#files.get(name)?.length ?? 0)) this.corrupt(name, offset, mask);
    };
  }

  /** Damages one byte, as a disk may that rots: `mask` says which bits change. */
  corrupt(name: string, offset: number, mask: number): void {
    const file = this.#file(name);
    invariant(offset < file.length, `${name} has no byte ${offset}`);
    file.bytes[offset] = (file.bytes[offset] as number) ^ mask;
  }

  /** All files as they are now, or what a power cut leaves of them at least; for {@link replace}. */
  image(of: 'all' | 'synced' = 'all'): DiskImage {
    const files = [...this.#files].filter(([, { isNamed }]) => of === 'all' || isNamed);
    return files.map(([name, { bytes, length, syncedLength }]) => [
      name,
      bytes.slice(0, of === 'all' ? length : syncedLength),
    ]);
  }

  /** Another disk takes its place, with these files, all durable. */
  replace(image: DiskImage): void {
    this.#removed.clear();
    this.#files = new Map(
      image.map(([name, bytes]) => {
        const { length } = bytes;
        const file = { bytes: bytes.slice(), length, syncedLength: length };
        return [name, { ...file, isNamed: true, reserves: false, zeros: 0 }];
      }),
    );
  }

  lock(): () => void {
    if (this.#holder !== null) throw inUse(this.place, null);
    const holder = {};
    this.#holder = holder;
    return () => {
      if (this.#holder === holder) this.#holder = null;
    };
  }

  list(): string[] {
    return [...this.#files.keys()];
  }

  size(name: string): number {
    return this.#file(name).length;
  }

  read(name: string, offset: number, length: number): Uint8Array {
    const file = this.#file(name);
    invariant(offset + length <= file.length, 'what is read is there');
    return file.bytes.slice(offset, offset + length);
  }

  create(name: string, reserves = false): DiskFile {
    if (this.#files.has(name)) throw systemError('EEXIST', -17, 'open', name);
    const bytes = room(fileBytesMin);
    const file = { bytes, length: 0, syncedLength: 0, isNamed: false, reserves, zeros: 0 };
    this.#files.set(name, file);
    return new SimFile(file, this.#mount);
  }

  open(name: string, length: number): DiskFile {
    const file = this.#file(name);
    invariant(
      file.length >= length,
      `${name} has ${file.length} bytes, cannot be cut to ${length}`,
    );
    file.length = length;
    file.syncedLength = length;
    file.zeros = 0;
    this.#syncFolder();
    return new SimFile(file, this.#mount);
  }

  rename(from: string, to: string): void {
    const file = this.#file(from);
    this.#files.delete(from);
    this.#files.set(to, file);
    this.#syncFolder();
  }

  remove(name: string): void {
    const file = this.#file(name);
    this.#files.delete(name);
    if (file.isNamed) this.#removed.set(name, file);
  }

  #survivor(file: StoredFile, unsynced: UnsyncedFate | undefined): StoredFile {
    const survivor = { ...file, bytes: file.bytes.slice(), isNamed: true };
    if (unsynced === undefined || unsynced === 'torn') this.#tear(survivor);
    else if (unsynced === 'lost') survivor.length = file.syncedLength;
    showReserve(survivor);
    survivor.syncedLength = survivor.length;
    return survivor;
  }

  /** What a power cut leaves of a file: all that was synced, and of the rest what the disk came to. */
  #tear(file: StoredFile): void {
    const { random } = this.#setup;
    const { bytes, syncedLength } = file;
    const length = Math.max(syncedLength, file.length - file.zeros);
    const kept = syncedLength + random.below(length - syncedLength + 1);
    const sector = Math.floor(kept / sectorBytes) * sectorBytes;
    switch (random.below(4)) {
      case 0: // The size was not yet written.
        file.length = kept;
        break;
      case 1: // The size was written, the data was not: zeros.
        bytes.fill(0, kept);
        break;
      case 2: // The block that was being written holds anything.
        file.length = Math.min(length, sector + sectorBytes);
        for (let at = kept; at < file.length; at++) bytes[at] = random.below(256);
        break;
      default:
        // Later sectors were written before an earlier one.
        bytes.fill(0, Math.max(sector, syncedLength), sector + sectorBytes);
    }
  }

  #mounted(): Mount {
    return {
      isLive: true,
      removed: () => this.#removed,
      after: (run) => this.#setup.schedule(this.#syncDelay(), run),
      isQuick: () => this.#setup.isQuick === true,
    };
  }

  #syncFolder(): void {
    for (const file of this.#files.values()) file.isNamed = true;
    this.#removed.clear();
  }

  #syncDelay(): Millis {
    const { min, max } = this.#setup.syncMs;
    return min + this.#setup.random.next() * (max - min);
  }

  #file(name: string): StoredFile {
    const file = this.#files.get(name);
    if (file === undefined) throw systemError('ENOENT', -2, 'open', name);
    return file;
  }
}

/** An open file. */
class SimFile implements DiskFile {
  readonly #file: StoredFile;
  readonly #mount: Mount;
  #isOpen = true;
  #isSyncing = false;
  /** What the sync under way covers, and whom it tells. */
  #length = 0;
  #removed: readonly string[] = none;
  #done: (error: null) => void = () => {};

  constructor(file: StoredFile, mount: Mount) {
    this.#file = file;
    this.#mount = mount;
  }

  append(bytes: Uint8Array): void {
    invariant(this.#isLive, 'no file is written to after a crash or a close');
    append(this.#file, bytes);
  }

  sync(done: (error: null) => void): void {
    this.#begin();
    this.#isSyncing = true;
    this.#done = done;
    this.#mount.after(this.#synced);
  }

  syncNow(): void {
    this.#begin();
    this.#finish();
  }

  syncIfQuick(): boolean {
    this.#begin();
    const isQuick = this.#mount.isQuick();
    if (isQuick) this.#finish();
    return isQuick;
  }

  close(): void {
    if (this.#isLive) this.#file.reserves = false;
    this.#isOpen = false;
  }

  get #isLive(): boolean {
    return this.#isOpen && this.#mount.isLive;
  }

  #begin(): void {
    invariant(this.#isLive && !this.#isSyncing, 'one sync at a time, on an open file');
    this.#length = this.#file.length;
    this.#removed = this.#file.isNamed ? none : [...this.#mount.removed().keys()];
  }

  readonly #synced = (): void => {
    this.#isSyncing = false;
    // A closed file's sync goes on without its caller; a crashed one's is lost.
    if (!this.#mount.isLive) return;
    this.#finish();
    if (this.#isOpen) this.#done(null);
  };

  #finish(): void {
    const file = this.#file;
    file.syncedLength = Math.max(file.syncedLength, this.#length);
    file.isNamed = true;
    const removed = this.#mount.removed();
    for (const name of this.#removed) removed.delete(name);
  }
}

/** Zeros. */
function room(length: number): Uint8Array {
  if (length > sharedBytes / 4) return new Uint8Array(length);
  if (sharedUsed + length > shared.byteLength) {
    shared = new ArrayBuffer(sharedBytes);
    sharedUsed = 0;
  }
  sharedUsed += length;
  return new Uint8Array(shared, sharedUsed - length, length);
}

function append(file: StoredFile, bytes: Uint8Array): void {
  const end = file.length + bytes.length;
  if (end > file.bytes.length) {
    const larger = room(Math.max(end, file.bytes.length * 2));
    larger.set(file.bytes.subarray(0, file.length));
    file.bytes = larger;
  }
  file.bytes.set(bytes, file.length);
  file.length = end;
}

/** After a crash the zeros are a part of the file like any other. */
function showReserve(file: StoredFile): void {
  if (!file.reserves) return;
  file.reserves = false;
  const { length } = file;
  file.zeros = reserveBytes - (length % reserveBytes);
  append(file, new Uint8Array(file.zeros));
}

/** As Node reports it. */
function systemError(code: string, errno: number, syscall: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno, syscall, path });
}
