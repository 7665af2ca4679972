import type { StoredEntry } from '../../../core/replica.js';
import type { DurableRecord } from '../records.js';
import type { Store } from '../store.js';

/** Small, because the journal draws one record at a time between turns. */
const entriesPerRecord = 64;
const bytesPerRecordMax = 64 * 1024;

/**
 * A worker's state as records. The small ones are given, as they were when the snapshot began: the `decided` records
 * that follow it must find the prepared transactions they are about. The store is drawn live; what it shows may be
 * newer than those records, and entries that come while it is drawn are among them.
 */
export function* drawSnapshot(
  small: readonly DurableRecord[],
  store: Store,
): Iterable<DurableRecord> {
  let left = store.size;
  yield* small;
  let entries: StoredEntry[] = [];
  let bytes = 0;
  for (const entry of store.entries()) {
    // Only as many as there were: younger ones stand behind them, and fast writers could add more for ever.
    if (left === 0) break;
    left -= 1;
    entries.push(entry);
    bytes += entry.key.length + (entry.value?.length ?? 0);
    if (entries.length < entriesPerRecord && bytes < bytesPerRecordMax) continue;
    yield { type: 'entries', entries };
    entries = [];
    bytes = 0;
  }
  if (entries.length > 0) yield { type: 'entries', entries };
}
