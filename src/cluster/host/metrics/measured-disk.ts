import type { Disk, DiskFile } from '../../../runtime/journal/disk.js';
import { parseFileName } from '../../../runtime/journal/record-format.js';
import { TimeHistogram } from '../../../runtime/metrics/histogram.js';

/** A node's disk as its metrics see it: with what faults make of it, a sync takes as long as the node waits for it. */
export class MeasuredDisk implements Disk {
  readonly place: string;
  readonly lock: Disk['lock'];
  readonly list: Disk['list'];
  readonly size: Disk['size'];
  readonly read: Disk['read'];
  readonly remove: Disk['remove'];
  readonly #inner: Disk;
  readonly syncTimes = new TimeHistogram();
  readonly writtenBytes = { log: 0, snapshot: 0 };
  snapshotCount = 0;

  constructor(inner: Disk) {
    this.#inner = inner;
    this.place = inner.place;
    this.lock = () => inner.lock();
    this.list = () => inner.list();
    this.size = (name) => inner.size(name);
    this.read = (name, offset, length) => inner.read(name, offset, length);
    this.remove = (name) => inner.remove(name);
  }

  create(name: string, reserves?: boolean): DiskFile {
    return this.#file(name, this.#inner.create(name, reserves));
  }

  open(name: string, length: number): DiskFile {
    return this.#file(name, this.#inner.open(name, length));
  }

  rename(from: string, to: string): void {
    this.#inner.rename(from, to);
    const file = parseFileName(to);
    if (file?.kind === 'snapshot' && file.part === 0 && !file.temporary) this.snapshotCount++;
  }

  #file(name: string, file: DiskFile): DiskFile {
    const { writtenBytes, syncTimes } = this;
    const kind = parseFileName(name)?.kind ?? 'log';
    return {
      append(bytes) {
        file.append(bytes);
        writtenBytes[kind] += bytes.length;
      },
      sync(done) {
        const beganAt = performance.now();
        file.sync((error) => {
          syncTimes.note(performance.now() - beganAt);
          done(error);
        });
      },
      syncNow() {
        const beganAt = performance.now();
        file.syncNow();
        syncTimes.note(performance.now() - beganAt);
      },
      syncIfQuick() {
        const beganAt = performance.now();
        if (!file.syncIfQuick()) return false;
        syncTimes.note(performance.now() - beganAt);
        return true;
      },
      close: () => file.close(),
    };
  }
}
