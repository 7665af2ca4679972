/**
 * The keys and values of the state machine, and views of them as they were at one slot.
 *
 * A snapshot is drawn while commands go on being executed, but must be the state at exactly one slot: the commands
 * after it are executed again over what it shows, and a `cas` or a transaction comes out as it did only over the very
 * state that it met (Chandra et al. 2007, section 5.4, call this "the snapshot handle" and a *shadow* state). So a
 * view is copy-on-write: an entry that is changed before the view has passed it is set aside for it. Which it has passed, the
 * number of its row in the table says.
 */
import type { Key } from '../../../core/key.js';
import type { KeyVisit, StoredEntry } from '../../../core/replica.js';
import type { Version } from '../../../core/version.js';
import { EntryTable, noRow } from '../../shared/entry-table.js';
import { type Slot, stampLimit } from '../command.js';

interface Entry extends StoredEntry {
  readonly value: Uint8Array;
}

export class Store {
  readonly #table = new EntryTable();
  readonly #views = new Set<StoreView>();
  #bytes = 0;
  #largestValueBytes = 0;

  get size(): number {
    return this.#table.size;
  }

  get(key: Key): Entry | undefined {
    return this.#table.get(key) as Entry | undefined;
  }

  /** Of keys and values. */
  get bytes(): number {
    return this.#bytes;
  }

  /** No value that was ever held here is larger. */
  get largestValueBytes(): number {
    return this.#largestValueBytes;
  }

  entries(): Iterable<Entry> {
    return this.#table.entries() as Iterable<Entry>;
  }

  /** See {@link EntryTable.walk}. */
  walk(position: number, visit: KeyVisit): number {
    return this.#table.walk(position, visit);
  }

  /** True when there was a value before. */
  put(key: Key, value: Uint8Array, version: Version): boolean {
    const row = this.#table.find(key);
    if (row !== noRow) this.#leave(row, key);
    this.#bytes += key.length + value.length;
    if (value.length > this.#largestValueBytes) this.#largestValueBytes = value.length;
    this.#table.put(key, value, version, row);
    return row !== noRow;
  }

  /** True when there was a value. */
  remove(key: Key): boolean {
    const row = this.#table.find(key);
    if (row === noRow) return false;
    this.#leave(row, key);
    this.#table.remove(row);
    // Views remember rows.
    if (this.#views.size === 0) this.#table.tighten();
    return true;
  }

  /** The entries as they are now, at the end of `slot`. To be closed when no longer wanted. */
  view(slot: Slot): StoreView {
    const view = new StoreView(this.#table, slot, () => this.#views.delete(view));
    this.#views.add(view);
    return view;
  }

  #leave(row: number, key: Key): void {
    this.#bytes -= key.length + this.#table.valueLengthAt(row);
    if (this.#views.size === 0) return;
    for (const view of this.#views) view.setAside(row);
  }
}

export class StoreView {
  readonly #live: EntryTable;
  readonly #stampLimit: number;
  readonly #setAside: Entry[] = [];
  readonly close: () => void;
  #passed = noRow;

  constructor(live: EntryTable, slot: Slot, close: () => void) {
    this.#live = live;
    this.#stampLimit = stampLimit(slot);
    this.close = close;
  }

  /** The entry of this row is about to change or go. */
  setAside(row: number): void {
    if (row > this.#passed && this.#belongs(row)) this.#setAside.push(this.#entry(row));
  }

  /** To be called once. Entries come in no particular order. */
  *entries(): Generator<Entry> {
    for (let row = 0; row < this.#live.rowCount; row++) {
      this.#passed = row;
      if (this.#live.isUsed(row) && this.#belongs(row)) yield this.#entry(row);
    }
    this.#passed = Number.POSITIVE_INFINITY;
    yield* this.#setAside;
  }

  #entry(row: number): Entry {
    return this.#live.entryAt(row) as Entry;
  }

  #belongs(row: number): boolean {
    return this.#live.stampAt(row) < this.#stampLimit;
  }
}
