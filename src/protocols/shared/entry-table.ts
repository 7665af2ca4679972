/**
 * What a replica holds of each key, packed: some 50 bytes a key beside its own and its value's, and next to nothing for the
 * collector of garbage to look at, which with a million entries as objects stops a node for a second.
 *
 * A key has a *row* of numbers, the same one as long as it is there, but for what `tighten` moves; its bytes and those of the value
 * lie in `slabs.ts`. Rows are found by linear hashing (Litwin, VLDB 1980; in memory: Larson, CACM 1988): each new row splits one
 * bucket, and where few are left, each that goes joins some, so that there is never a moment when all of them are moved.
 */
import { hash32, reversedBits } from '../../core/hash.js';
import type { NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import { type KeyVisit, positionsEnd, type StoredEntry } from '../../core/replica.js';
import type { Version } from '../../core/version.js';
import { NumberTable } from './number-table.js';
import { type RecordPlace, Slabs } from './slabs.js';

/** The numbers of a row. */
const hashAt = 0;
/** The next row of its bucket, or of those that are free, plus 1; 0: none. */
const nextAt = 1;
const slabAt = 2;
/** Of a free one, the free one before it, plus 1; 0: none. */
const beforeAt = slabAt;
const byteAt = 3;
/** Of the key, and above it of the value, plus 1; 0: it is a tombstone. */
const lengthsAt = 4;
const stampLowAt = 5;
const stampHighAt = 6;
/** Which of the names; or that the row is free. */
const nodeAt = 7;
const rowNumbers = 8;

const keyLengthBits = 11;
const keyLengthMask = 2 ** keyLengthBits - 1;
const free = 0xffff_ffff;
const highUnit = 2 ** 32;
const bucketsMin = 16;
/** With so many buckets or rows nothing is given back. */
const spareMax = 1024;
/** How many rows go, and buckets, for one key that goes: a few, so that it takes no time, and more than one, so that it catches up. */
const givenBackAtOnce = 4;
/** No such row. */
export const noRow = -1;

export class EntryTable {
  readonly #rows = new NumberTable(rowNumbers);
  /** The first row of each bucket plus 1; 0: none. */
  readonly #buckets = new NumberTable(1);
  /** A power of two; from so many buckets on they split again, one by one. */
  #roundBuckets = bucketsMin;
  #bucketCount = bucketsMin;
  readonly #slabs: Slabs;
  readonly #names: NodeId[] = [];
  readonly #numberOf = new Map<NodeId, number>();
  /** Plus 1. */
  #firstFree = 0;
  #rowCount = 0;
  #movedCount = 0;
  #size = 0;
  /** What was looked for last, and where it was: one input asks for its key several times. */
  #soughtKey: Key | null = null;
  #soughtRow = noRow;

  constructor() {
    this.#slabs = new Slabs({
      isAt: (row, slab, at) => this.#isAt(row, slab, at),
      move: (row, place) => this.#setPlace(row, place),
    });
    this.#buckets.grow(bucketsMin);
  }

  /** Keys, those of tombstones too. */
  get size(): number {
    return this.#size;
  }

  /** Of keys, values and rows, and of what they leave unused. */
  get bytes(): number {
    return this.#slabs.bytes + this.#rows.bytes + this.#buckets.bytes;
  }

  /** Rows that are in use are below. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** The key's row, or `noRow`. */
  find(key: Key): number {
    if (key === this.#soughtKey) return this.#soughtRow;
    this.#soughtKey = key;
    this.#soughtRow = this.#seek(key);
    return this.#soughtRow;
  }

  #seek(key: Key): number {
    const hash = hash32(key);
    for (let row = this.#firstOf(hash); row !== noRow; ) {
      const page = this.#rows.page(row);
      const at = this.#rows.place(row);
      if (page[at + hashAt] === hash && this.#isKey(key, page, at)) return row;
      row = (page[at + nextAt] as number) - 1;
    }
    return noRow;
  }

  get(key: Key): StoredEntry | undefined {
    const row = this.find(key);
    return row === noRow ? undefined : this.#entry(row, key);
  }

  /** `row` is in use. */
  entryAt(row: number): StoredEntry {
    return this.#entry(row, this.keyAt(row));
  }

  isUsed(row: number): boolean {
    return this.#rows.get(row, nodeAt) !== free;
  }

  hashAt(row: number): number {
    return this.#rows.get(row, hashAt);
  }

  stampAt(row: number): number {
    return this.#rows.get(row, stampHighAt) * highUnit + this.#rows.get(row, stampLowAt);
  }

  nodeAt(row: number): NodeId {
    return this.#names[this.#rows.get(row, nodeAt)] as NodeId;
  }

  versionAt(row: number): Version {
    return { stamp: this.stampAt(row), node: this.nodeAt(row) };
  }

  hasValueAt(row: number): boolean {
    return this.#rows.get(row, lengthsAt) >>> keyLengthBits !== 0;
  }

  /** 0 of a tombstone. */
  valueLengthAt(row: number): number {
    return Math.max(0, (this.#rows.get(row, lengthsAt) >>> keyLengthBits) - 1);
  }

  /** Puts an entry in the place of what is held. `row`: where the key was found. Returns its row. */
  put(
    key: Key,
    value: Uint8Array | null,
    { stamp, node }: Version,
    row: number = this.find(key),
  ): number {
    const isNew = row === noRow;
    const at = isNew ? this.#add(key) : row;
    const [oldSlab, oldByte] = [this.#rows.get(at, slabAt), this.#rows.get(at, byteAt)];
    this.#setPlace(at, this.#slabs.append(at, key, value));
    const page = this.#rows.page(at);
    const place = this.#rows.place(at);
    page[place + lengthsAt] =
      ((value === null ? 0 : value.length + 1) << keyLengthBits) | key.length;
    page[place + stampLowAt] = stamp;
    page[place + stampHighAt] = stamp / highUnit;
    page[place + nodeAt] = this.#numberOfName(node);
    if (!isNew) this.#slabs.release(oldSlab, oldByte);
    return at;
  }

  remove(row: number): void {
    const [slab, byte] = [this.#rows.get(row, slabAt), this.#rows.get(row, byteAt)];
    this.#relink(row, this.#rows.get(row, nextAt));
    this.#free(row);
    this.#soughtKey = null;
    this.#size -= 1;
    for (let nth = 0; nth < givenBackAtOnce && this.#hasSpare(this.#bucketCount); nth++)
      this.#join();
    this.#slabs.release(slab, byte);
  }

  /**
   * Gives back a few rows where less than half are used, and those that are used move into free ones below; `moved` is told.
   * To be called when keys have gone, and while nobody remembers rows.
   */
  tighten(moved: (from: number, to: number) => void = () => {}): void {
    if (!this.#hasSpare(this.#rowCount)) return;
    for (let nth = 0; nth < givenBackAtOnce && this.#hasSpare(this.#rowCount); nth++) {
      const last = this.#rowCount - 1;
      if (!this.isUsed(last)) this.#takeFree(last);
      else {
        // Those at the end may be free, too.
        const to = this.#firstFree - 1;
        this.#takeFree(to);
        this.#rows.copy(last, to);
        this.#relink(last, to + 1);
        this.#slabs.belongsTo(to, this.#rows.get(to, slabAt), this.#rows.get(to, byteAt));
        this.#movedCount += 1;
        this.#soughtKey = null;
        moved(last, to);
      }
      this.#rowCount = last;
    }
    this.#rows.shrink(this.#rowCount);
  }

  /** Each key that is there from now on until it is met, as it is then; one that is moved meanwhile, perhaps twice. */
  entries(): IterableIterator<StoredEntry> {
    return this.#entriesBelow(this.#rowCount, this.#movedCount);
  }

  *#entriesBelow(rowCount: number, movedCount: number): IterableIterator<StoredEntry> {
    for (let row = 0; row < Math.min(rowCount, this.#rowCount); row++) {
      if (this.isUsed(row)) yield this.entryAt(row);
    }
    if (movedCount === this.#movedCount) return;
    // Rows only move down: whoever goes down himself misses none.
    for (let row = this.#rowCount - 1; row >= 0; row--) {
      if (row < this.#rowCount && this.isUsed(row)) yield this.entryAt(row);
    }
  }

  /**
   * A walk that remembers nothing but a position: entries in the order of their hashes, read from the last bit to the first.
   * Hands `visit` those of the bucket at `position` and returns the position after it, `positionsEnd` after the last. In this
   * order a bucket that splits leaves its entries where they were, so each key that is there all the while is met, on
   * another node's table or a later one of this, too (as in Redis' `dictScan` of Noordhuis, without its two tables).
   */
  walk(position: number, visit: KeyVisit): number {
    const hash = reversedBits(position);
    const bucket = this.#bucketOf(hash);
    const isSplit = (bucket & (this.#roundBuckets - 1)) < this.#bucketCount - this.#roundBuckets;
    const width = positionsEnd / (isSplit ? 2 * this.#roundBuckets : this.#roundBuckets);
    for (let row = this.#firstOf(hash); row !== noRow; ) {
      if (reversedBits(this.hashAt(row)) >= position) {
        const isDeleted = this.#rows.get(row, lengthsAt) >>> keyLengthBits === 0;
        visit(this.keyAt(row), this.versionAt(row), isDeleted);
      }
      row = this.#rows.get(row, nextAt) - 1;
    }
    return position - (position % width) + width;
  }

  #entry(row: number, key: Key): StoredEntry {
    const page = this.#rows.page(row);
    const at = this.#rows.place(row);
    const lengths = page[at + lengthsAt] as number;
    const stamp = (page[at + stampHighAt] as number) * highUnit + (page[at + stampLowAt] as number);
    const version = { stamp, node: this.#names[page[at + nodeAt] as number] as NodeId };
    const length = lengths >>> keyLengthBits;
    if (length === 0) return { key, version, value: null };
    const { buffer } = this.#slabs.bytesOf(page[at + slabAt] as number);
    const begin = (page[at + byteAt] as number) + (lengths & keyLengthMask);
    return { key, version, value: new Uint8Array(buffer, begin, length - 1) };
  }

  keyAt(row: number): Key {
    const begin = this.#rows.get(row, byteAt);
    const end = begin + (this.#rows.get(row, lengthsAt) & keyLengthMask);
    const bytes = this.#slabs.bytesOf(this.#rows.get(row, slabAt)).subarray(begin, end);
    return String.fromCharCode.apply(null, bytes as unknown as number[]) as Key;
  }

  #isKey(key: Key, page: Uint32Array, at: number): boolean {
    if (((page[at + lengthsAt] as number) & keyLengthMask) !== key.length) return false;
    const bytes = this.#slabs.bytesOf(page[at + slabAt] as number);
    const begin = page[at + byteAt] as number;
    for (let index = 0; index < key.length; index++) {
      if (bytes[begin + index] !== key.charCodeAt(index)) return false;
    }
    return true;
  }

  #isAt(row: number, slab: number, at: number): boolean {
    const rows = this.#rows;
    if (row >= this.#rowCount) return false;
    const isThere = rows.get(row, slabAt) === slab && rows.get(row, byteAt) === at;
    return isThere && this.isUsed(row);
  }

  #setPlace(row: number, { slab, at }: RecordPlace): void {
    this.#rows.set(row, slabAt, slab);
    this.#rows.set(row, byteAt, at);
  }

  #numberOfName(node: NodeId): number {
    let number = this.#numberOf.get(node);
    if (number === undefined) {
      number = this.#names.push(node) - 1;
      this.#numberOf.set(node, number);
    }
    return number;
  }

  /** A row for a key that has none. */
  #add(key: Key): number {
    invariant(key.length <= keyLengthMask, 'keys are no longer than they may be');
    const hash = hash32(key);
    let row = this.#firstFree - 1;
    if (row === noRow) {
      row = this.#rowCount++;
      this.#rows.grow(this.#rowCount);
    } else this.#takeFree(row);
    this.#size += 1;
    this.#soughtKey = null;
    if (this.#size > this.#bucketCount) this.#split();
    this.#rows.set(row, hashAt, hash);
    this.#link(row, this.#bucketOf(hash));
    return row;
  }

  #firstOf(hash: number): number {
    return this.#buckets.get(this.#bucketOf(hash), 0) - 1;
  }

  #bucketOf(hash: number): number {
    const bucket = hash & (2 * this.#roundBuckets - 1);
    return bucket < this.#bucketCount ? bucket : bucket & (this.#roundBuckets - 1);
  }

  #hasSpare(count: number): boolean {
    return count > spareMax && count > 2 * this.#size;
  }

  #free(row: number): void {
    const next = this.#firstFree;
    if (next !== 0) this.#rows.set(next - 1, beforeAt, row + 1);
    this.#rows.set(row, nodeAt, free);
    this.#rows.set(row, nextAt, next);
    this.#rows.set(row, beforeAt, 0);
    this.#firstFree = row + 1;
  }

  /** It is free no longer. */
  #takeFree(row: number): void {
    const [before, next] = [this.#rows.get(row, beforeAt), this.#rows.get(row, nextAt)];
    if (before === 0) this.#firstFree = next;
    else this.#rows.set(before - 1, nextAt, next);
    if (next !== 0) this.#rows.set(next - 1, beforeAt, before);
  }

  /** In its bucket, something else stands in the place of this row: plus 1. */
  #relink(row: number, instead: number): void {
    const bucket = this.#bucketOf(this.hashAt(row));
    let before = this.#buckets.get(bucket, 0);
    if (before === row + 1) {
      this.#buckets.set(bucket, 0, instead);
      return;
    }
    while (this.#rows.get(before - 1, nextAt) !== row + 1) {
      before = this.#rows.get(before - 1, nextAt);
    }
    this.#rows.set(before - 1, nextAt, instead);
  }

  /** The last bucket's rows go back to the one that they came from. */
  #join(): void {
    if (this.#bucketCount === this.#roundBuckets) this.#roundBuckets /= 2;
    this.#bucketCount -= 1;
    const last = this.#bucketCount;
    let row = this.#buckets.get(last, 0) - 1;
    this.#buckets.set(last, 0, 0);
    while (row !== noRow) {
      const next = this.#rows.get(row, nextAt) - 1;
      this.#link(row, last - this.#roundBuckets);
      row = next;
    }
    this.#buckets.shrink(last);
  }

  #link(row: number, bucket: number): void {
    this.#rows.set(row, nextAt, this.#buckets.get(bucket, 0));
    this.#buckets.set(bucket, 0, row + 1);
  }

  /** The next bucket in turn gives about half of its rows to a new one. */
  #split(): void {
    const old = this.#bucketCount - this.#roundBuckets;
    this.#bucketCount += 1;
    this.#buckets.grow(this.#bucketCount);
    let row = this.#buckets.get(old, 0) - 1;
    this.#buckets.set(old, 0, 0);
    while (row !== noRow) {
      const next = this.#rows.get(row, nextAt) - 1;
      this.#link(row, this.#bucketOf(this.hashAt(row)));
      row = next;
    }
    if (this.#bucketCount === 2 * this.#roundBuckets) this.#roundBuckets *= 2;
  }
}
