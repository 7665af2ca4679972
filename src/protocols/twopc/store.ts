/**
 * A worker's full copy: the newest committed version of every key, tombstones included.
 *
 * A version's stamp is the id of the transaction that wrote it. Ids ascend along every key, because a transaction gets
 * its id together with its locks at the coordinator; so merging by version is right whatever brings an entry (a commit,
 * a copy for one who catches up, a snapshot that is newer than the log behind it), and brings it twice.
 */
import type { Key } from '../../core/key.js';
import type { KeyVisit, StoredEntry } from '../../core/replica.js';
import { isNewer } from '../../core/version.js';
import { EntryTable, noRow } from '../shared/entry-table.js';

export class Store {
  #table = new EntryTable();
  /** Stamps of tombstones, in the order they came. */
  readonly #tombstones = new Map<Key, number>();
  #watcher: Set<Key> | null = null;
  #newestStamp = 0;

  get(key: Key): StoredEntry | undefined {
    return this.#table.get(key);
  }

  /** True when there is a value. */
  has(key: Key): boolean {
    const row = this.#table.find(key);
    return row !== noRow && this.#table.hasValueAt(row);
  }

  /** Keeps the entry if it is newer than what is held. */
  merge({ key, version, value }: StoredEntry): void {
    const row = this.#table.find(key);
    // Mostly the stamp alone tells, and need not be made a version.
    const isLater = row === noRow || version.stamp > this.#table.stampAt(row);
    if (!isLater && !isNewer(version, this.#table.versionAt(row))) return;
    this.#table.put(key, value, version, row);
    if (version.stamp > this.#newestStamp) this.#newestStamp = version.stamp;
    if (this.#tombstones.size > 0) this.#tombstones.delete(key);
    if (value === null) this.#tombstones.set(key, version.stamp);
    this.#watcher?.add(key);
  }

  /** From now on the keys that change are added to this set; `null`: to none. */
  watch(watcher: Set<Key> | null): void {
    this.#watcher = watcher;
  }

  /** Forgets tombstones up to this stamp: every node has them, so no older value can come back. */
  dropTombstones(upTo: number): void {
    for (const [key, stamp] of this.#tombstones) {
      if (stamp > upTo) return;
      this.#tombstones.delete(key);
      this.#table.remove(this.#table.find(key));
      this.#table.tighten();
    }
  }

  clear(): void {
    this.#table = new EntryTable();
    this.#tombstones.clear();
    this.#newestStamp = 0;
  }

  /** The greatest stamp of all that came in. */
  get newestStamp(): number {
    return this.#newestStamp;
  }

  /** Keys present, tombstones not counted. */
  get keyCount(): number {
    return this.#table.size - this.#tombstones.size;
  }

  /** Each key that is there from now on until it is met, as it is then. */
  entries(): IterableIterator<StoredEntry> {
    return this.#table.entries();
  }

  /** See {@link EntryTable.walk}. */
  walk(position: number, visit: KeyVisit): number {
    return this.#table.walk(position, visit);
  }
}

export function* firstFew<T>(items: Iterable<T>, count: number): IterableIterator<T> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield item;
  }
}
