/** Tables of lists, and places in what is sorted. */

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
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(sorted[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low;
}
