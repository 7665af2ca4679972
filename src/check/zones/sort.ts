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

/** What is pending, the earliest deadline first: a binary heap of numbers of items. */
export class DeadlineQueue {
  readonly #deadline: Float64Array;
  #heap = new Int32Array(64);
  #size = 0;

  /** `deadline`: of each item that will ever be in it. */
  constructor(deadline: Float64Array) {
    this.#deadline = deadline;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Infinity when there is none. */
  get earliest(): number {
    return this.#size === 0
      ? Number.POSITIVE_INFINITY
      : (this.#deadline[this.#heap[0] as number] as number);
  }

  push(item: number): void {
    if (this.#size === this.#heap.length) {
      const larger = new Int32Array(2 * this.#size);
      larger.set(this.#heap);
      this.#heap = larger;
    }
    const heap = this.#heap;
    const deadline = this.#deadline;
    const own = deadline[item] as number;
    let place = this.#size++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as number;
      if ((deadline[above] as number) <= own) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = item;
  }

  /** Must not be empty. */
  pop(): number {
    const heap = this.#heap;
    const first = heap[0] as number;
    const moved = heap[--this.#size] as number;
    this.#sink(moved);
    return first;
  }

  #sink(item: number): void {
    const heap = this.#heap;
    const deadline = this.#deadline;
    const own = deadline[item] as number;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      const other = child + 1;
      if (
        other < this.#size &&
        (deadline[heap[other] as number] as number) < (deadline[heap[child] as number] as number)
      ) {
        child = other;
      }
      const below = heap[child] as number;
      if ((deadline[below] as number) >= own) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = item;
  }
}
