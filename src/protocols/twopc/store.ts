/**
 * A worker's full copy: the newest committed version of every key, tombstones included.
 *
 * A version's stamp is the id of the transaction that wrote it. Ids ascend along every key, because a transaction gets
 * its id together with its locks at the coordinator; so merging by version is right whatever brings an entry (a commit,
 * a copy for one who catches up, a snapshot that is newer than the log behind it), and brings it twice.
 */
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { isNewer } from '../../core/version.js';

export class Store {
  readonly #entries = new Map<Key, StoredEntry>();
  /** Stamps of tombstones, in the order they came. */
  readonly #tombstones = new Map<Key, number>();
  #watcher: Set<Key> | null = null;
  #newestStamp = 0;

  get(key: Key): StoredEntry | undefined {
    return this.#entries.get(key);
  }

  /** Keeps the entry if it is newer than what is held. */
  merge(entry: StoredEntry): void {
    const held = this.#entries.get(entry.key);
    if (held !== undefined && !isNewer(entry.version, held.version)) return;
    this.#entries.set(entry.key, entry);
    this.#newestStamp = Math.max(this.#newestStamp, entry.version.stamp);
    if (held?.value === null) this.#tombstones.delete(entry.key);
    if (entry.value === null) this.#tombstones.set(entry.key, entry.version.stamp);
    this.#watcher?.add(entry.key);
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
      this.#entries.delete(key);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#tombstones.clear();
    this.#newestStamp = 0;
  }

  /** The greatest stamp of all that came in. */
  get newestStamp(): number {
    return this.#newestStamp;
  }

  /** Keys present, tombstones not counted. */
  get keyCount(): number {
    return this.#entries.size - this.#tombstones.size;
  }

  entries(): Iterable<StoredEntry> {
    return this.#entries.values();
  }

  /** Those that are here now, as they are when they are drawn: fast writers could add more for ever. */
  entriesFromNow(): IterableIterator<StoredEntry> {
    return firstFew(this.#entries.values(), this.#entries.size);
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
