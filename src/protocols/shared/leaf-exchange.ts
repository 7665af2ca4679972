/**
 * What two replicas exchange once their trees (`digest-tree.ts`) have shown which leaves differ: keys and versions first, then
 * the entries that one of them has newer. When and with whom, and what else travels along, is each mode's own affair.
 *
 * Entries are looked up when they are sent, never kept for later, and merged by version where they arrive. Lists end once
 * they hold about so many bytes; who is told that there was more compares again.
 */
import type { Key } from '../../core/key.js';
import { batchBytesTarget } from '../../core/limits.js';
import type { Random } from '../../core/random.js';
import type { StoredEntry } from '../../core/replica.js';
import { isNewer, type Version } from '../../core/version.js';
import * as wire from '../../core/wire.js';
import { firstOf } from './batches.js';
import type { SegmentLeaves } from './digest-tree.js';
import type { LeafStore } from './leaf-store.js';
import { stamped } from './number-guard.js';

const { below, boolean, count, key, list, nullable, struct, value } = wire;

export const entry = struct<StoredEntry>({ key, version: stamped, value: nullable(value) });
/** One key in one version, without its value. */
export const keyVersion = struct({ key, version: stamped });
/** More segments and leaves than there are. */
export const segmentLeaves = struct<SegmentLeaves>({
  segment: below(2 ** 16),
  digests: list(count),
});
export const leafVersions = struct({
  leaf: below(2 ** 20),
  /** False when the leaf was too large to list whole: a key that is not listed may be there all the same. */
  complete: boolean,
  versions: list(keyVersion),
});

export type KeyVersion = wire.Shaped<typeof keyVersion>;
export type LeafVersions = wire.Shaped<typeof leafVersions>;

/** Of keys and versions, one step lists and compares so much: it must not take a node more than a few milliseconds. */
const listedBytesTarget = batchBytesTarget / 2;

/** More than the numbers, the node's name and the framing of one item take. */
export const itemOverheadBytes = 64;

export function bytesOfEntry(entry: Pick<StoredEntry, 'key' | 'value'>): number {
  return entry.key.length + (entry.value?.length ?? 0) + itemOverheadBytes;
}

export function bytesOfKey(item: { readonly key: Key }): number {
  return item.key.length + itemOverheadBytes;
}

/** Keys and versions of the leaves that differ from these; of more than can be listed, from a place chosen by chance. */
export function listLeaves(store: LeafStore, segments: readonly SegmentLeaves[], random: Random) {
  const differing = segments.flatMap(({ segment, digests }) =>
    store.tree.differingLeaves(segment, digests),
  );
  const keyCount = differing.reduce((sum, leaf) => sum + store.keyCountOfLeaf(leaf), 0);
  // Always from the first, under load the last would never be compared.
  const fits = keyCount * itemOverheadBytes <= listedBytesTarget;
  const start = fits ? 0 : random.below(differing.length);
  const leaves: LeafVersions[] = [];
  let bytes = 0;
  let more = false;
  for (const leaf of [...differing.slice(start), ...differing.slice(0, start)]) {
    if (bytes >= listedBytesTarget) return { leaves, more: true };
    const listed = listLeaf(store, leaf, random);
    leaves.push(listed);
    for (const item of listed.versions) bytes += bytesOfKey(item);
    more ||= !listed.complete;
  }
  return { leaves, more };
}

/** Of a leaf too large to list, as much as fits, from a place chosen by chance. */
function listLeaf(store: LeafStore, leaf: number, random: Random): LeafVersions {
  const held = store.versionsOfLeaf(leaf);
  const start = held.length > 1 ? random.below(held.length) : 0;
  const { items: versions, more } = firstOf(
    start === 0 ? held : [...held.slice(start), ...held.slice(0, start)],
    bytesOfKey,
    listedBytesTarget,
  );
  return { leaf, complete: !more, versions };
}

/** What this side has newer than what is listed, and of which keys the other side has. */
export function compareLeaves(
  store: LeafStore,
  leaves: readonly LeafVersions[],
  /** Of what is not held here: it was deleted, and the delete collected. */
  isObsolete: (version: Version) => boolean,
) {
  const wanted: Key[] = [];
  const obsolete: KeyVersion[] = [];
  const entries: StoredEntry[] = [];
  let bytes = 0;
  /** Something that is newer here found no room. */
  let more = false;
  const offer = (entry: StoredEntry) => {
    entries.push(entry);
    bytes += bytesOfEntry(entry);
  };
  for (const { leaf, complete, versions } of leaves) {
    let common = 0;
    for (const { key, version } of versions) {
      const held = store.versionOf(key);
      if (held !== null) common += 1;
      if (held === null && isObsolete(version)) obsolete.push({ key, version });
      else if (isNewer(version, held)) wanted.push(key);
      else if (held === null || !isNewer(held, version)) continue;
      else if (bytes >= batchBytesTarget) more = true;
      else offer(store.get(key) as StoredEntry);
    }
    if (!complete || common === store.keyCountOfLeaf(leaf)) continue;
    more ||= bytes >= batchBytesTarget;
    // A peer that has nothing lists all leaves as empty: all of them must not be looked at now.
    if (more) continue;
    const listed = new Set(versions.map(({ key }) => key));
    for (const { key } of store.versionsOfLeaf(leaf)) {
      if (listed.has(key)) continue;
      if (bytes < batchBytesTarget) offer(store.get(key) as StoredEntry);
      else more = true;
    }
  }
  return { entries, wanted, obsolete, more };
}

/** What is held of these keys. */
export function entriesOf(store: LeafStore, keys: readonly Key[]) {
  const held = keys.map((key) => store.get(key)).filter((entry) => entry !== undefined);
  const { items: entries, more } = firstOf(held, bytesOfEntry);
  return { entries, more };
}
