/** Tables of lists, places in what is sorted, and what is found out once. */

/** What stands under the key; `created` and put there if there was nothing. */
export function entryOf<Key, Entry>(table: Map<Key, Entry>, key: Key, created: () => Entry): Entry {
  let entry = table.get(key);
  if (entry === undefined) {
    entry = created();
    table.set(key, entry);
  }
  return entry;
}

export function pushTo<Key, Item>(table: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [item]);
  else list.push(item);
}

/**
 * The first place from `from` on, and before `to`, of which it does not hold any more, as it does for all before that; else
 * `to`. For the whole of `sorted`: how many at its beginning are so.
 */
export function countWhile(
  sorted: ArrayLike<number>,
  isSo: (item: number) => boolean,
  from = 0,
  to = sorted.length,
): number {
  return partitionPoint(to, (at) => isSo(sorted[at] as number), from);
}

/**
 * The first place below `length`, from `from` on, where `isBefore` holds no more: by leaps, then by halves, so that one that is near
 * is soon found.
 */
export function partitionPoint(
  length: number,
  isBefore: (at: number) => boolean,
  from = 0,
): number {
  let [low, leap] = [from, 1];
  while (low + leap < length && isBefore(low + leap)) {
    low += leap;
    leap *= 2;
  }
  let high = Math.min(length, low + leap);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first place in a sorted column whose value is not less. */
export const lowerBound = (sorted: ArrayLike<number>, value: number, end?: number): number =>
  countWhile(sorted, (item) => item < value, 0, end);

/** What `find` finds, once somebody asks. */
export function lazily<Found extends object>(find: () => Found): () => Found {
  let found: Found | null = null;
  return () => {
    found ??= find();
    return found;
  };
}
