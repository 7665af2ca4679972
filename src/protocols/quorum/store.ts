/**
 * What one replica holds: the newest version it has heard of for each key, tombstones included.
 *
 * Everything enters by `accept` or `recover` and is merged by version, so nothing that arrives late, twice or in
 * another order can undo something newer: last write wins, whatever brought the write (a client, a repair, a hint,
 * anti-entropy). Entries live in the leaves of the Merkle tree, so that a leaf can be listed without looking elsewhere.
 */
import { decideWrite } from '../../core/decision.js';
import type { Millis } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { compareVersions, type Version } from '../../core/version.js';
import {
  type Digest,
  DigestTree,
  digestOf,
  leafAmong,
  leavesPerSegment,
} from '../shared/digest-tree.js';
import type { Ctx } from './messages.js';
import type { Ring } from './ring.js';

interface Held extends StoredEntry {
  readonly digest: Digest;
}

export class Store {
  readonly tree: DigestTree;
  readonly #ring: Ring;
  readonly #leaves: (Map<Key, Held> | undefined)[];
  /** When each tombstone came, oldest first; see `heldFor`. */
  readonly #tombstones = new Map<Key, Millis>();
  #heldFrom: Millis = 0;
  #largestValueBytes = 0;
  #size = 0;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.tree = new DigestTree(ring.segmentCount);
    this.#leaves = new Array(ring.segmentCount * leavesPerSegment).fill(undefined);
  }

  get(key: Key): StoredEntry | undefined {
    return this.#leaves[this.#leafOf(key)]?.get(key);
  }

  /** Keeps `entry`, durably, if it is newer than what is held. Returns what is held afterwards. */
  accept(entry: StoredEntry, ctx: Ctx): StoredEntry {
    const held = this.#merge(entry, ctx.now);
    if (held !== null) return held;
    decideWrite(entry, ctx);
    ctx.persist({ type: 'entry', key: entry.key, version: entry.version, value: entry.value });
    return entry;
  }

  recover(entry: StoredEntry): void {
    this.#merge(entry, 0);
  }

  /** Removes the entry of exactly this version. False when something else, or nothing, is held. */
  remove(key: Key, version: Version): boolean {
    const leaf = this.#leafOf(key);
    const held = this.#leaves[leaf]?.get(key);
    if (held === undefined || compareVersions(held.version, version) !== 0) return false;
    this.#leaves[leaf]?.delete(key);
    this.tree.subtract(leaf, held.digest);
    this.#tombstones.delete(key);
    this.#size -= 1;
    return true;
  }

  clear(): void {
    for (const { key, version } of [...this.entries()]) this.remove(key, version);
  }

  /** No value that was ever held here is larger. */
  get largestValueBytes(): number {
    return this.#largestValueBytes;
  }

  get keyCount(): number {
    return this.#size - this.#tombstones.size;
  }

  get tombstoneCount(): number {
    return this.#tombstones.size;
  }

  *entries(): Iterable<StoredEntry> {
    for (const leaf of this.#leaves) if (leaf !== undefined) yield* leaf.values();
  }

  entriesOfLeaf(leaf: number): Iterable<StoredEntry> {
    return this.#leaves[leaf]?.values() ?? [];
  }

  /** From now on nothing counts as held longer than since `now`: at a start, and after a pause of unknown length. */
  restartHolding(now: Millis): void {
    this.#heldFrom = now;
  }

  /** How long this tombstone, in exactly this version, has been here without interruption; 0 when it is not. */
  heldFor(key: Key, version: Version, now: Millis): Millis {
    const since = this.#tombstones.get(key);
    const held = this.get(key);
    if (since === undefined || held === undefined) return 0;
    return compareVersions(held.version, version) === 0 ? now - Math.max(since, this.#heldFrom) : 0;
  }

  /** The tombstones held for at least `graceMs`, oldest first. */
  *tombstonesHeldFor(graceMs: Millis, now: Millis): Iterable<StoredEntry> {
    if (now - this.#heldFrom < graceMs) return;
    for (const [key, since] of this.#tombstones) {
      if (now - since < graceMs) return;
      const held = this.get(key);
      if (held !== undefined) yield held;
    }
  }

  /** Puts a tombstone at the end of the queue, as if it had come now. */
  holdAnew(key: Key, now: Millis): void {
    if (this.#tombstones.delete(key)) this.#tombstones.set(key, now);
  }

  /** Returns what stands in the way, or `null` when `entry` was taken. */
  #merge(entry: StoredEntry, now: Millis): StoredEntry | null {
    const at = this.#leafOf(entry.key);
    let leaf = this.#leaves[at];
    if (leaf === undefined) {
      leaf = new Map();
      this.#leaves[at] = leaf;
    }
    const held = leaf.get(entry.key);
    if (held !== undefined) {
      if (compareVersions(entry.version, held.version) <= 0) return held;
      this.tree.subtract(at, held.digest);
    } else {
      this.#size += 1;
    }
    const digest = digestOf(entry.key, entry.version);
    this.tree.add(at, digest);
    leaf.set(entry.key, { key: entry.key, version: entry.version, value: entry.value, digest });
    // Deleted first: a Map keeps the place of a key that is set again, and this one is ordered by age.
    this.#tombstones.delete(entry.key);
    if (entry.value === null) this.#tombstones.set(entry.key, now);
    else if (entry.value.length > this.#largestValueBytes) {
      this.#largestValueBytes = entry.value.length;
    }
    return null;
  }

  #leafOf(key: Key): number {
    return this.#ring.segmentOf(key) * leavesPerSegment + leafAmong(leavesPerSegment, key);
  }
}
