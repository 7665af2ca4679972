/** What items take in a message, about: lists are cut at `batchBytesTarget`, or `comparisonBytesTarget`. */
import type { StoredEntry } from '../../core/replica.js';
import type { KeyVersion } from './messages.js';

/** More than the numbers, the node's name and the framing of one item take. */
const itemOverheadBytes = 48;

export function bytesOfEntry({ key, value }: StoredEntry): number {
  return key.length + (value?.length ?? 0) + itemOverheadBytes;
}

export function bytesOfKeyVersion({ key }: KeyVersion): number {
  return key.length + itemOverheadBytes;
}
