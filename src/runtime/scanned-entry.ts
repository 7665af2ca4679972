import { crc32 } from '../core/crc32.js';
import type { ReplicaView, StoredEntry } from '../core/replica.js';
import type { ScannedEntry } from './links/client-frames.js';

/** What a replica holds under one key, as whoever looks is shown it. */
export function describeEntry(
  view: ReplicaView,
  { key, version, value }: StoredEntry,
  withValue: boolean,
): ScannedEntry {
  return {
    key,
    version,
    deleted: value === null,
    value: withValue ? value : null,
    digest: value === null ? 0 : crc32(value),
    owners: view.ownersOf(key),
  };
}
