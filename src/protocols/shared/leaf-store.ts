/**
 * The entries of one replica, tombstones included, in the leaves of a Merkle tree, so that a leaf can be listed without
 * looking elsewhere. Which version stays, and what is durable, is for the mode's own store to say.
 */
import type { Millis } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { compareVersions, isNewer, type Version } from '../../core/version.js';
import { type Digest, DigestTree, digestOf } from './digest-tree.js';

interface Held extends StoredEntry {
  readonly digest: Digest;
}

export class LeafStore {
  readonly tree: DigestTree;
  readonly #leafOf: (key: Key) => number;
  readonly #leaves = new Map<number, Map<Key, Held>>();
  /** When each tombstone came, oldest first. */
  protected readonly tombstones = new Map<Key, Millis>();
  #largestValueBytes = 0;
  #size = 0;

  constructor(segmentCount: number, leafOf: (key: Key) => number) {
    this.tree = new DigestTree(segmentCount);
    this.#leafOf = leafOf;
  }

  get(key: Key): StoredEntry | undefined {
    return this.#leaves.get(this.#leafOf(key))?.get(key);
  }

  recover(entry: StoredEntry): void {
    if (isNewer(entry.version, this.get(entry.key)?.version ?? null)) this.put(entry, 0);
  }

  /** Puts an entry in the place of what is held. */
  protected put({ key, version, value }: StoredEntry, now: Millis): void {
    const leaf = this.#leafOf(key);
    let entries = this.#leaves.get(leaf);
    if (entries === undefined) {
      entries = new Map();
      this.#leaves.set(leaf, entries);
    }
    const held = entries.get(key);
    if (held === undefined) this.#size += 1;
    else this.tree.add(leaf, held.digest, -1);
    const digest = digestOf(key, version);
    this.tree.add(leaf, digest, 1);
    entries.set(key, { key, version, value, digest });
    // Deleted first: a Map keeps the place of a key that is set again, and this one is ordered by age.
    this.tombstones.delete(key);
    if (value === null) this.tombstones.set(key, now);
    else this.#largestValueBytes = Math.max(this.#largestValueBytes, value.length);
  }

  /** Removes the entry of exactly this version; false when something else, or nothing, is held. */
  remove(key: Key, version: Version): boolean {
    const leaf = this.#leafOf(key);
    const entries = this.#leaves.get(leaf);
    const held = entries?.get(key);
    if (entries === undefined || held === undefined) return false;
    if (compareVersions(held.version, version) !== 0) return false;
    entries.delete(key);
    if (entries.size === 0) this.#leaves.delete(leaf);
    this.tree.add(leaf, held.digest, -1);
    this.tombstones.delete(key);
    this.#size -= 1;
    return true;
  }

  /** No value that was ever held here is larger. */
  get largestValueBytes(): number {
    return this.#largestValueBytes;
  }

  get keyCount(): number {
    return this.#size - this.tombstones.size;
  }

  get tombstoneCount(): number {
    return this.tombstones.size;
  }

  *entries(): Iterable<StoredEntry> {
    for (const entries of this.#leaves.values()) yield* entries.values();
  }

  entriesOfLeaf(leaf: number): Iterable<StoredEntry> {
    return this.#leaves.get(leaf)?.values() ?? [];
  }
}
