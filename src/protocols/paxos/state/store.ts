/**
 * The keys and values of the state machine, and views of them as they were at one slot.
 *
 * A snapshot is drawn while commands go on being executed, but must be the state at exactly one slot: the commands
 * after it are executed again over what it shows, and a `cas` or a transaction comes out as it did only over the very
 * state that it met (Chandra et al. 2007, section 5.4, call this "the snapshot handle" and a *shadow* state). So a
 * view is copy-on-write: an entry that is changed before the view has passed it is set aside for it. Entries carry a
 * number in the order in which the Map iterates them, which says whether a view has passed them.
 */
import type { Key } from '../../../core/key.js';
import type { StoredEntry } from '../../../core/replica.js';
import type { Version } from '../../../core/version.js';
import { type Slot, stampLimit } from '../command.js';

export interface Entry extends StoredEntry {
  readonly value: Uint8Array;
  /** Greater than that of all entries before it in the Map. */
  readonly order: number;
}

export class Store {
  readonly #entries = new Map<Key, Entry>();
  readonly #views = new Set<StoreView>();
  #lastOrder = 0;
  #bytes = 0;
  #largestValueBytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Entry | undefined {
    return this.#entries.get(key);
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
    return this.#entries.values();
  }

  put(key: Key, value: Uint8Array, version: Version): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#leave(before);
    this.#bytes += key.length + value.length;
    const order = before?.order ?? ++this.#lastOrder;
    if (value.length > this.#largestValueBytes) this.#largestValueBytes = value.length;
    this.#entries.set(key, { key, value, version, order });
  }

  remove(key: Key): void {
    const before = this.#entries.get(key);
    if (before === undefined) return;
    this.#leave(before);
    this.#entries.delete(key);
  }

  /** The entries as they are now, at the end of `slot`. To be closed when no longer wanted. */
  view(slot: Slot): StoreView {
    const view = new StoreView(this.#entries, slot, () => this.#views.delete(view));
    this.#views.add(view);
    return view;
  }

  #leave(entry: Entry): void {
    this.#bytes -= entry.key.length + entry.value.length;
    for (const view of this.#views) view.setAside(entry);
  }
}

export class StoreView {
  readonly #live: ReadonlyMap<Key, Entry>;
  readonly #stampLimit: number;
  readonly #setAside: Entry[] = [];
  readonly close: () => void;
  #passed = 0;

  constructor(live: ReadonlyMap<Key, Entry>, slot: Slot, close: () => void) {
    this.#live = live;
    this.#stampLimit = stampLimit(slot);
    this.close = close;
  }

  /** `entry` is about to change or go. */
  setAside(entry: Entry): void {
    if (entry.order > this.#passed && this.#belongs(entry)) this.#setAside.push(entry);
  }

  /** To be called once. Entries come in no particular order. */
  *entries(): Generator<Entry> {
    for (const entry of this.#live.values()) {
      this.#passed = entry.order;
      if (this.#belongs(entry)) yield entry;
    }
    this.#passed = Number.POSITIVE_INFINITY;
    yield* this.#setAside;
  }

  #belongs(entry: Entry): boolean {
    return entry.version.stamp < this.#stampLimit;
  }
}
