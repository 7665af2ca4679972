import type { Disk, DiskFile } from '../../src/runtime/journal/disk.js';

/** Thrown where the machine is to crash; not an error of the disk, so nobody handles it. */
export class Blown extends Error {}

/** Lets a crash happen between any two things that are done to a disk. */
export class FusedDisk implements Disk {
  readonly #disk: Disk;
  #callsLeft = Number.POSITIVE_INFINITY;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** The call after the next `calls` that change something throws {@link Blown} and changes nothing. */
  arm(calls: number): void {
    this.#callsLeft = calls;
  }

  disarm(): void {
    this.#callsLeft = Number.POSITIVE_INFINITY;
  }

  get place(): string {
    return this.#disk.place;
  }

  list(): string[] {
    return this.#disk.list();
  }

  lock(): () => void {
    return this.#disk.lock();
  }

  size(name: string): number {
    return this.#disk.size(name);
  }

  read(name: string, offset: number, length: number): Uint8Array {
    return this.#disk.read(name, offset, length);
  }

  create(name: string, reserves?: boolean): DiskFile {
    this.#burn();
    return this.#fused(this.#disk.create(name, reserves));
  }

  open(name: string, length: number): DiskFile {
    this.#burn();
    return this.#fused(this.#disk.open(name, length));
  }

  rename(from: string, to: string): void {
    this.#burn();
    this.#disk.rename(from, to);
  }

  remove(name: string): void {
    this.#burn();
    this.#disk.remove(name);
  }

  #fused(file: DiskFile): DiskFile {
    return {
      append: (bytes) => {
        this.#burn();
        file.append(bytes);
      },
      sync: (done) => {
        this.#burn();
        file.sync(done);
      },
      syncNow: () => {
        this.#burn();
        file.syncNow();
      },
      syncIfQuick: () => {
        this.#burn();
        return file.syncIfQuick();
      },
      close: () => file.close(),
    };
  }

  #burn(): void {
    if (this.#callsLeft-- > 0) return;
    this.#callsLeft = Number.POSITIVE_INFINITY;
    throw new Blown('crash here');
  }
}
