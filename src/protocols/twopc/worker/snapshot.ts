import type { StoredEntry } from '../../../core/replica.js';
import { batchesOf } from '../../shared/batches.js';
import type { DurableRecord } from '../records.js';
import type { Store } from '../store.js';

/** Small, because the journal draws one record at a time between turns. */
const bytesPerRecord = 64 * 1024;
/** However small an entry is, so that a record holds no more than 64 of them. */
const entryBytesMin = 1024;

/**
 * A worker's state as records. The small ones are given, as they were when the snapshot began: the `decided` records
 * that follow it must find the prepared transactions they are about. The store is drawn live; what it shows may be
 * newer than those records, and entries that come while it is drawn are among them.
 */
export function* drawSnapshot(
  small: readonly DurableRecord[],
  store: Store,
): Iterable<DurableRecord> {
  const entries = store.entries();
  yield* small;
  for (const batch of batchesOf(entries, bytesOf, bytesPerRecord)) {
    yield { type: 'entries', entries: batch };
  }
}

function bytesOf({ key, value }: StoredEntry): number {
  return Math.max(entryBytesMin, key.length + (value?.length ?? 0));
}
