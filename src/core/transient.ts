/**
 * A Map and a Set for what comes and goes thousands of times a second in a process that lives for long.
 *
 * V8's own keep what was deleted until the next full collection. When a table has filled up with deleted entries, V8 makes
 * a new one and lets the old point to it. Once one of these tables is in the old generation, dead or not, it keeps the next
 * alive, that one its next, and each of them whatever it held: in the end all that ever was in the Map. These here break
 * the chain: they move what is left to a new Map about as often as V8 would make a table.
 *
 * Order and results are those of a Map, also for who adds or deletes while iterating.
 */

/** Deleted entries before a move pays, and how many there must be for each that is left. */
const deletedMin = 64;
const deletedShare = 2;

const nothing: readonly never[] = [];

export class TransientMap<K, V> implements Table<K, V> {
  map: Map<K, V>;
  iterating = 0;
  #deleted = 0;
  /** There is nothing before its place. */
  #oldest: Iterator<K, undefined> | null = null;

  constructor(entries?: Iterable<readonly [K, V]>) {
    this.map = entries === undefined ? new Map() : new Map(entries);
  }

  get size(): number {
    return this.map.size;
  }

  get(key: K): V | undefined {
    return this.map.get(key);
  }

  has(key: K): boolean {
    return this.map.has(key);
  }

  set(key: K, value: V): void {
    if (this.#deleted >= deletedMin && this.iterating === 0) this.#move();
    this.map.set(key, value);
  }

  delete(key: K): boolean {
    const wasThere = this.map.delete(key);
    if (wasThere) this.#deleted++;
    return wasThere;
  }

  /**
   * Takes out what was put in first. A new iterator each time would go over all that was taken out before, thousands of times
   * a move.
   */
  deleteOldest(): K | undefined {
    this.#oldest ??= this.map.keys();
    const { done, value } = this.#oldest.next();
    // One that has come to its end shows nothing that is added.
    if (done === true) this.#oldest = null;
    else this.delete(value);
    return value;
  }

  clear(): void {
    this.#deleted += this.map.size;
    this.map.clear();
  }

  keys(): IterableIterator<K> {
    return this.size === 0 ? nothing.values() : new Place<K, V, K>(this, keysOf);
  }

  values(): IterableIterator<V> {
    return this.size === 0 ? nothing.values() : new Place<K, V, V>(this, valuesOf);
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.size === 0 ? nothing.values() : new Place<K, V, [K, V]>(this, entriesOf);
  }

  #move(): void {
    if (this.#deleted < deletedShare * this.map.size) return;
    this.map = new Map(this.map);
    this.#oldest = null;
    this.#deleted = 0;
  }
}

/** What an iterator needs of a {@link TransientMap}. */
interface Table<K, V> {
  readonly map: ReadonlyMap<K, V>;
  /** Iterators that have begun and not come to their end: a move would lose their place. */
  iterating: number;
}

const keysOf = <K, V>(map: ReadonlyMap<K, V>): Iterator<K> => map.keys();
const valuesOf = <K, V>(map: ReadonlyMap<K, V>): Iterator<V> => map.values();
const entriesOf = <K, V>(map: ReadonlyMap<K, V>): Iterator<[K, V]> => map.entries();

/** An iterator that is counted while it is under way. A generator would do, and take three times as long. */
class Place<K, V, T> implements IterableIterator<T> {
  readonly #table: Table<K, V>;
  readonly #itemsOf: (map: ReadonlyMap<K, V>) => Iterator<T>;
  /** `null` before it begins. */
  #items: Iterator<T> | null = null;
  #isOver = false;

  constructor(table: Table<K, V>, itemsOf: (map: ReadonlyMap<K, V>) => Iterator<T>) {
    this.#table = table;
    this.#itemsOf = itemsOf;
  }

  next(): IteratorResult<T> {
    if (this.#isOver) return { done: true, value: undefined };
    if (this.#items === null) {
      this.#items = this.#itemsOf(this.#table.map);
      this.#table.iterating++;
    }
    const next = this.#items.next();
    if (next.done === true) this.return();
    return next;
  }

  return(): IteratorResult<T> {
    if (this.#items !== null && !this.#isOver) this.#table.iterating--;
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this;
  }
}

export class TransientSet<T> {
  readonly #map = new TransientMap<T, true>();

  constructor(items?: Iterable<T>) {
    if (items !== undefined) for (const item of items) this.add(item);
  }

  get size(): number {
    return this.#map.size;
  }

  has(item: T): boolean {
    return this.#map.has(item);
  }

  add(item: T): void {
    this.#map.set(item, true);
  }

  delete(item: T): boolean {
    return this.#map.delete(item);
  }

  clear(): void {
    this.#map.clear();
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#map.keys();
  }
}
