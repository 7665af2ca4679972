/** Numbers in the order of their keys. */

/**
 * Sorts `ids` by `key[id]` in place, stable. A merge sort for what is nearly sorted already, as histories are: of two
 * runs only the parts that overlap are moved.
 */
export function sortByKey(ids: Int32Array, key: Float64Array): Int32Array {
  const { length } = ids;
  const spare = { ids: new Int32Array(0) };
  for (let from = 0; from < length; from += runLength) {
    insertionSort(ids, key, from, Math.min(from + runLength, length));
  }
  for (let width = runLength; width < length; width *= 2) {
    for (let middle = width; middle < length; middle += 2 * width) {
      mergeRuns(ids, key, middle - width, middle, Math.min(middle + width, length), spare);
    }
  }
  return ids;
}

const runLength = 16;

const keyAt = (ids: Int32Array, key: Float64Array, place: number) =>
  key[ids[place] as number] as number;

function insertionSort(ids: Int32Array, key: Float64Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const id = ids[at] as number;
    const own = key[id] as number;
    let place = at;
    while (place > from && keyAt(ids, key, place - 1) > own) {
      ids[place] = ids[place - 1] as number;
      place--;
    }
    ids[place] = id;
  }
}

/** Merges the sorted runs `from` to `middle` and `middle` to `to`. */
function mergeRuns(
  ids: Int32Array,
  key: Float64Array,
  from: number,
  middle: number,
  to: number,
  spare: { ids: Int32Array },
): void {
  const least = keyAt(ids, key, middle);
  if (keyAt(ids, key, middle - 1) <= least) return;
  let first = middle - 1;
  while (first > from && keyAt(ids, key, first - 1) > least) first--;
  const moved = middle - first;
  if (spare.ids.length < moved) spare.ids = new Int32Array(2 * moved);
  const left = spare.ids;
  left.set(ids.subarray(first, middle));
  let right = middle;
  let place = first;
  for (let at = 0; at < moved; at++) {
    const own = keyAt(left, key, at);
    while (right < to && keyAt(ids, key, right) < own) ids[place++] = ids[right++] as number;
    ids[place++] = left[at] as number;
  }
}

/** A binary heap of numbers, the one with the least key first. */
export class MinHeap {
  readonly #key: ArrayLike<number>;
  readonly #items: number[] = [];

  /** `key`: of each number that will ever be in it. */
  constructor(key: ArrayLike<number>) {
    this.#key = key;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** Infinity when there is none. */
  get leastKey(): number {
    const first = this.#items[0];
    return first === undefined ? Number.POSITIVE_INFINITY : this.#keyOf(first);
  }

  push(item: number): void {
    const items = this.#items;
    const own = this.#keyOf(item);
    let place = items.push(item) - 1;
    while (place > 0) {
      const above = items[(place - 1) >> 1] as number;
      if (this.#keyOf(above) <= own) break;
      items[place] = above;
      place = (place - 1) >> 1;
    }
    items[place] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const moved = items.pop();
    if (moved === undefined || items.length === 0) return first;
    const own = this.#keyOf(moved);
    let place = 0;
    for (let child = 1; child < items.length; child = 2 * place + 1) {
      const other = items[child + 1];
      if (other !== undefined && this.#keyOf(other) < this.#keyOf(items[child] as number)) child++;
      const below = items[child] as number;
      if (this.#keyOf(below) >= own) break;
      items[place] = below;
      place = child;
    }
    items[place] = moved;
    return first;
  }

  #keyOf(item: number): number {
    return this.#key[item] as number;
  }
}
