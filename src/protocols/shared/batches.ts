import { batchBytesTarget } from '../../core/limits.js';

/**
 * Cuts a list into parts of about `bytesMax`, at least one item each, so that each fits a frame. Mostly it need not be cut: an
 * array is then its own only part.
 */
export function batchesOf<T>(
  items: Iterable<T>,
  bytesOf: (item: T) => number,
  bytesMax = batchBytesTarget,
): Iterable<readonly T[]> {
  if (!Array.isArray(items)) return partsOf(items, bytesOf, bytesMax);
  let bytes = 0;
  for (const item of items as T[]) bytes += bytesOf(item);
  if (bytes > bytesMax) return partsOf(items, bytesOf, bytesMax);
  return items.length === 0 ? [] : [items];
}

function* partsOf<T>(
  items: Iterable<T>,
  bytesOf: (item: T) => number,
  bytesMax: number,
): Iterable<readonly T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = bytesOf(item);
    if (batch.length > 0 && bytes + more > bytesMax) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

/** As many as one message holds, and whether there were more. */
export function firstOf<T>(
  all: Iterable<T>,
  bytesOf: (item: T) => number,
  bytesMax = batchBytesTarget,
): { readonly items: T[]; readonly more: boolean } {
  const items: T[] = [];
  let bytes = 0;
  for (const item of all) {
    if (bytes >= bytesMax) return { items, more: true };
    items.push(item);
    bytes += bytesOf(item);
  }
  return { items, more: false };
}
