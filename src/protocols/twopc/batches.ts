import { batchBytesTarget } from '../../core/limits.js';

/** Cuts a list into parts of about `batchBytesTarget`, at least one item each, so that each fits a frame. */
export function* batchesOf<T>(items: readonly T[], bytesOf: (item: T) => number): Iterable<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const more = bytesOf(item);
    if (batch.length > 0 && bytes + more > batchBytesTarget) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}
