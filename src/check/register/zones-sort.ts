/**
 * Sorts `ids` by `key[id]`, stable. A merge sort over runs, because histories are nearly sorted already: what is in
 * order is not moved.
 */
export function sortByKey(ids: Int32Array, key: Float64Array): Int32Array {
  const { length } = ids;
  for (let from = 0; from < length; from += runLength) {
    insertionSort(ids, key, from, Math.min(from + runLength, length));
  }
  let source = ids;
  let target: Int32Array | null = null;
  for (let width = runLength; width < length; width *= 2) {
    if (isSorted(source, key)) break;
    target ??= new Int32Array(length);
    for (let from = 0; from < length; from += 2 * width) {
      const middle = Math.min(from + width, length);
      merge(source, target, key, from, middle, Math.min(middle + width, length));
    }
    [source, target] = [target, source];
  }
  return source;
}

const runLength = 16;

function isSorted(ids: Int32Array, key: Float64Array): boolean {
  for (let at = 1; at < ids.length; at++) {
    if ((key[ids[at] as number] as number) < (key[ids[at - 1] as number] as number)) return false;
  }
  return true;
}

function insertionSort(ids: Int32Array, key: Float64Array, from: number, to: number): void {
  for (let at = from + 1; at < to; at++) {
    const id = ids[at] as number;
    const own = key[id] as number;
    let place = at;
    while (place > from && (key[ids[place - 1] as number] as number) > own) {
      ids[place] = ids[place - 1] as number;
      place--;
    }
    ids[place] = id;
  }
}

function merge(
  source: Int32Array,
  target: Int32Array,
  key: Float64Array,
  from: number,
  middle: number,
  to: number,
): void {
  let left = from;
  let right = middle;
  for (let place = from; place < to; place++) {
    const isLeft =
      left < middle &&
      (right >= to ||
        (key[source[left] as number] as number) <= (key[source[right] as number] as number));
    target[place] = source[isLeft ? left++ : right++] as number;
  }
}

/** What is pending, the earliest deadline first: a binary heap of numbers of items. */
export class DeadlineQueue {
  readonly #deadline: Float64Array;
  readonly #heap: Int32Array;
  #size = 0;

  /** `deadline`: of each item that will ever be in it. */
  constructor(deadline: Float64Array) {
    this.#deadline = deadline;
    this.#heap = new Int32Array(deadline.length);
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
