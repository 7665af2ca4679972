/** How many at the beginning are so; those after them are not. */
export function countWhile(sorted: ArrayLike<number>, isSo: (time: number) => boolean): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isSo(sorted[middle] as number)) from = middle + 1;
    else to = middle;
  }
  return from;
}
