import type { DiskFaults } from '../../faults/active.js';
import type { Clock } from '../ports.js';
import { Postponed } from '../postponed.js';
import type { Disk, DiskFile } from './disk.js';

/**
 * A node's disk with what is wrong with it. While syncs fail, so does all else that must be durable on return; a sync that is
 * under way has failed, too, whatever it has come to. A slow disk is slow in those syncs that nobody stands still for.
 */
export class FaultyDisk implements Disk {
  readonly place: string;
  readonly lock: Disk['lock'];
  readonly list: Disk['list'];
  readonly size: Disk['size'];
  readonly read: Disk['read'];
  readonly #inner: Disk;
  readonly #syncs: Postponed;
  #faults: DiskFaults = {};
  #roomBytes = Number.POSITIVE_INFINITY;

  constructor(inner: Disk, clock: Pick<Clock, 'now' | 'at'>) {
    this.#inner = inner;
    this.#syncs = new Postponed(clock);
    this.place = inner.place;
    this.lock = () => inner.lock();
    this.list = () => inner.list();
    this.size = (name) => inner.size(name);
    this.read = (name, offset, length) => inner.read(name, offset, length);
  }

  /** From now on; a sync that waits begins when it should by the new delay. */
  setFaults(faults: DiskFaults): void {
    const { syncDelayMs = 0, roomBytes = Number.POSITIVE_INFINITY } = faults;
    if (syncDelayMs !== this.#syncs.delayMs) this.#syncs.delayMs = syncDelayMs;
    // What is used up of the room stays so when something else changes.
    if (roomBytes !== this.#faults.roomBytes) this.#roomBytes = roomBytes;
    this.#faults = faults;
  }

  create(name: string, reserves = false): DiskFile {
    // Zeros would take room that nobody counts.
    const hasRoom = this.#roomBytes === Number.POSITIVE_INFINITY;
    return this.#file(this.#inner.create(name, reserves && hasRoom));
  }

  open(name: string, length: number): DiskFile {
    // What is cut off makes no room: it is mostly zeros, which took none.
    this.#maySync('fsync');
    return this.#file(this.#inner.open(name, length));
  }

  rename(from: string, to: string): void {
    this.#maySync('rename');
    this.#inner.rename(from, to);
  }

  remove(name: string): void {
    if (this.#roomBytes < Number.POSITIVE_INFINITY) this.#roomBytes += this.size(name);
    this.#inner.remove(name);
  }

  #file(file: DiskFile): DiskFile {
    let cancelSync = () => {};
    return {
      append: (bytes) => this.#append(file, bytes),
      sync: (done) => {
        const end = (error: Error | null): void => done(this.#failure('fdatasync') ?? error);
        const { failsSyncs, syncDelayMs = 0 } = this.#faults;
        if (!failsSyncs && syncDelayMs === 0) return file.sync(end);
        cancelSync = this.#syncs.add(() => {
          const failure = this.#failure('fdatasync');
          if (failure === null) file.sync(end);
          else done(failure);
        });
      },
      syncNow: () => {
        this.#maySync('fdatasync');
        file.syncNow();
      },
      syncIfQuick: () => {
        const { failsSyncs, syncDelayMs = 0 } = this.#faults;
        return !failsSyncs && syncDelayMs === 0 && file.syncIfQuick();
      },
      close: () => {
        cancelSync();
        file.close();
      },
    };
  }

  #append(file: DiskFile, bytes: Uint8Array): void {
    if (bytes.length <= this.#roomBytes) {
      this.#roomBytes -= bytes.length;
      return file.append(bytes);
    }
    // As a real disk does, it takes what still fits.
    const taken = bytes.subarray(0, this.#roomBytes);
    this.#roomBytes = 0;
    file.append(taken);
    throw new InjectedDiskError('ENOSPC', -28, 'write');
  }

  #failure(call: string): Error | null {
    return this.#faults.failsSyncs ? new InjectedDiskError('EIO', -5, call) : null;
  }

  #maySync(call: string): void {
    const failure = this.#failure(call);
    if (failure !== null) throw failure;
  }
}

/** As the operating system reports it, but that a fault made it so. */
export class InjectedDiskError extends Error {
  readonly code: string;
  readonly errno: number;

  constructor(code: string, errno: number, syscall: string) {
    super(`${code}: ${syscall}, as a fault has it`);
    this.code = code;
    this.errno = errno;
  }
}
