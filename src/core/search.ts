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
