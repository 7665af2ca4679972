/**
 * The entries of one replica, tombstones included, in the leaves of a Merkle tree, so that a leaf can be listed without
 * looking elsewhere. Which version stays, and what is durable, is for the mode's own store to say.
 */
import type { Millis } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { KeyVisit, StoredEntry } from '../../core/replica.js';
import { compareVersions, type Version } from '../../core/version.js';
import { type Digest, DigestTree, digestOf } from './digest-tree.js';
import { EntryTable, noRow } from './entry-table.js';
import { NumberTable } from './number-table.js';

/** Of each row of the table: its digest, its leaf, and its neighbours in the leaf, plus 1; 0: none. */
const digestAt = 0;
const leafAt = 2;
const nextAt = 3;
const beforeAt = 4;
const rowNumbers = 5;

/** The first row of a leaf and the last, plus 1, and how many there are. */
interface Leaf {
  first: number;
  last: number;
  keyCount: number;
}

export class LeafStore {
  readonly tree: DigestTree;
  readonly #leafOf: (key: Key) => number;
  #table = new EntryTable();
  readonly #rows = new NumberTable(rowNumbers);
  /** Those that are not empty. */
  readonly #leaves = new Map<number, Leaf>();
  /** When each tombstone came, oldest first. */
  protected readonly tombstones = new Map<Key, Millis>();
  #largestValueBytes = 0;

  /** To be told when what is in a row is in another one from now on. */
  onMoved: (from: number, to: number) => void = () => {};
  readonly #move = (from: number, to: number): void => {
    const rows = this.#rows;
    rows.copy(from, to);
    const leaf = this.#leaves.get(rows.get(to, leafAt)) as Leaf;
    const [before, next] = [rows.get(to, beforeAt), rows.get(to, nextAt)];
    if (before === 0) leaf.first = to + 1;
    else rows.set(before - 1, nextAt, to + 1);
    if (next === 0) leaf.last = to + 1;
    else rows.set(next - 1, beforeAt, to + 1);
    rows.set(from, nextAt, 0);
    rows.set(from, beforeAt, 0);
    this.onMoved(from, to);
  };

  constructor(segmentCount: number, leafOf: (key: Key) => number) {
    this.tree = new DigestTree(segmentCount);
    this.#leafOf = leafOf;
  }

  get(key: Key): StoredEntry | undefined {
    return this.#table.get(key);
  }

  has(key: Key): boolean {
    return this.#table.find(key) !== noRow;
  }

  versionOf(key: Key): Version | null {
    const row = this.#table.find(key);
    return row === noRow ? null : this.#table.versionAt(row);
  }

  /** A tombstone is none. */
  holdsValue(key: Key): boolean {
    const row = this.#table.find(key);
    return row !== noRow && this.#table.hasValueAt(row);
  }

  /** Where the key is as long as it is held, but see {@link onMoved}; `noRow`. Another may have the row afterwards. */
  rowOf(key: Key): number {
    return this.#table.find(key);
  }

  /** Whether the row has just this version. */
  isAt(row: number, { stamp, node }: Version): boolean {
    const table = this.#table;
    return row < table.rowCount && table.stampAt(row) === stamp && table.nodeAt(row) === node;
  }

  /** The row is in use. */
  entryAt(row: number): StoredEntry {
    return this.#table.entryAt(row);
  }

  keyAt(row: number): Key {
    return this.#table.keyAt(row);
  }

  recover(entry: StoredEntry): void {
    this.take(entry, 0);
  }

  /** Puts an entry in the place of what is held, if it is newer. Otherwise says which version is held. */
  protected take({ key, version, value }: StoredEntry, now: Millis): Version | null {
    const table = this.#table;
    const row = table.find(key);
    if (row !== noRow && version.stamp <= table.stampAt(row)) {
      const held = table.versionAt(row);
      if (compareVersions(version, held) <= 0) return held;
    }
    const digest = digestOf(key, version);
    const at = table.put(key, value, version, row);
    if (row === noRow) this.#enter(at, this.#leafOf(key), digest);
    else this.#replace(at, digest);
    // Deleted first: a Map keeps the place of a key that is set again, and this one is ordered by age.
    if (this.tombstones.size > 0) this.tombstones.delete(key);
    if (value === null) this.tombstones.set(key, now);
    else if (value.length > this.#largestValueBytes) this.#largestValueBytes = value.length;
    return null;
  }

  /** Removes the entry of exactly this version; false when something else, or nothing, is held. */
  remove(key: Key, version: Version): boolean {
    const row = this.#table.find(key);
    if (row === noRow) return false;
    if (compareVersions(this.#table.versionAt(row), version) !== 0) return false;
    this.#leave(row);
    this.#table.remove(row);
    this.#table.tighten(this.#move);
    this.#rows.shrink(this.#table.rowCount);
    this.tombstones.delete(key);
    return true;
  }

  clear(): void {
    for (let row = 0; row < this.#table.rowCount; row++) {
      if (this.#table.isUsed(row)) this.#leave(row);
    }
    this.#table = new EntryTable();
    this.#rows.shrink(0);
    this.tombstones.clear();
  }

  /** No value that was ever held here is larger. */
  get largestValueBytes(): number {
    return this.#largestValueBytes;
  }

  get keyCount(): number {
    return this.#table.size - this.tombstones.size;
  }

  get tombstoneCount(): number {
    return this.tombstones.size;
  }

  /** Each that is there from now on until it is met, as it is then. */
  entries(): Iterable<StoredEntry> {
    return this.#table.entries();
  }

  /** See {@link EntryTable.walk}. */
  walk(position: number, visit: KeyVisit): number {
    return this.#table.walk(position, visit);
  }

  keyCountOfLeaf(leaf: number): number {
    return this.#leaves.get(leaf)?.keyCount ?? 0;
  }

  /** In the order in which the keys came. */
  versionsOfLeaf(leaf: number): readonly { readonly key: Key; readonly version: Version }[] {
    const table = this.#table;
    const versions = [];
    let row = this.#leaves.get(leaf)?.first ?? 0;
    for (; row !== 0; row = this.#rows.get(row - 1, nextAt)) {
      versions.push({ key: table.keyAt(row - 1), version: table.versionAt(row - 1) });
    }
    return versions;
  }

  #enter(row: number, at: number, digest: Digest): void {
    const rows = this.#rows;
    rows.grow(row + 1);
    const leaf = this.#leaves.get(at);
    if (leaf === undefined) this.#leaves.set(at, { first: row + 1, last: row + 1, keyCount: 1 });
    else {
      rows.set(leaf.last - 1, nextAt, row + 1);
      rows.set(row, beforeAt, leaf.last);
      leaf.last = row + 1;
      leaf.keyCount += 1;
    }
    rows.set(row, leafAt, at);
    this.#setDigest(row, digest);
    this.tree.add(at, digest, 1);
  }

  #replace(row: number, digest: Digest): void {
    const leaf = this.#rows.get(row, leafAt);
    this.tree.add(leaf, this.#digest(row), -1);
    this.#setDigest(row, digest);
    this.tree.add(leaf, digest, 1);
  }

  #leave(row: number): void {
    const rows = this.#rows;
    const at = rows.get(row, leafAt);
    const leaf = this.#leaves.get(at) as Leaf;
    const [before, next] = [rows.get(row, beforeAt), rows.get(row, nextAt)];
    if (before === 0) leaf.first = next;
    else rows.set(before - 1, nextAt, next);
    if (next === 0) leaf.last = before;
    else rows.set(next - 1, beforeAt, before);
    leaf.keyCount -= 1;
    if (leaf.keyCount === 0) this.#leaves.delete(at);
    rows.set(row, nextAt, 0);
    rows.set(row, beforeAt, 0);
    this.tree.add(at, this.#digest(row), -1);
  }

  #digest(row: number): Digest {
    return [this.#rows.get(row, digestAt), this.#rows.get(row, digestAt + 1)];
  }

  #setDigest(row: number, [a, b]: Digest): void {
    this.#rows.set(row, digestAt, a);
    this.#rows.set(row, digestAt + 1, b);
  }
}
