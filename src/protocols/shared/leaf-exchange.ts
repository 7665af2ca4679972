/**
 * What two replicas exchange once their trees (`digest-tree.ts`) have shown which leaves differ: keys and versions first, then
 * the entries that one of them has newer. When and with whom, and what else travels along, is each mode's own affair.
 *
 * Entries are looked up when they are sent, never kept for later, and merged by version where they arrive. Lists end once
 * they have `bytesMax`; who is told that there was more compares again.
 */
import type { Key } from '../../core/key.js';
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

/** More than the numbers, the node's name and the framing of one item take. */
export const itemOverheadBytes = 64;

export function bytesOfEntry(entry: Pick<StoredEntry, 'key' | 'value'>): number {
  return entry.key.length + (entry.value?.length ?? 0) + itemOverheadBytes;
}

export function bytesOfKey(item: { readonly key: Key }): number {
  return item.key.length + itemOverheadBytes;
}

/** Keys and versions of the leaves that differ from these. */
export function listLeaves(
  store: LeafStore,
  segments: readonly SegmentLeaves[],
  bytesMax: number,
  random: Random,
) {
  const leaves: LeafVersions[] = [];
  let bytes = 0;
  let more = false;
  for (const { segment, digests } of segments) {
    for (const leaf of store.tree.differingLeaves(segment, digests)) {
      if (bytes >= bytesMax) return { leaves, more: true };
      const listed = listLeaf(store, leaf, bytesMax, random);
      leaves.push(listed);
      for (const item of listed.versions) bytes += bytesOfKey(item);
      more ||= !listed.complete;
    }
  }
  return { leaves, more };
}

/** Of a leaf too large to list, as much as fits, from a place chosen by chance. */
function listLeaf(store: LeafStore, leaf: number, bytesMax: number, random: Random): LeafVersions {
  const held = [...store.versionsOfLeaf(leaf)];
  const start = held.length > 1 ? random.below(held.length) : 0;
  const { items: versions, more } = firstOf(
    [...held.slice(start), ...held.slice(0, start)],
    bytesOfKey,
    bytesMax,
  );
  return { leaf, complete: !more, versions };
}

/** What this side has newer than what is listed, and of which keys the other side has. */
export function compareLeaves(
  store: LeafStore,
  leaves: readonly LeafVersions[],
  bytesMax: number,
  /** Of what is not held here: it was deleted, and the delete collected. */
  isObsolete: (version: Version) => boolean,
) {
  const offered: StoredEntry[] = [];
  const wanted: Key[] = [];
  const obsolete: KeyVersion[] = [];
  for (const { leaf, complete, versions } of leaves) {
    const listed = new Set<Key>();
    for (const { key, version } of versions) {
      listed.add(key);
      const held = store.get(key);
      if (held === undefined && isObsolete(version)) obsolete.push({ key, version });
      else if (isNewer(version, held?.version ?? null)) wanted.push(key);
      else if (held !== undefined && isNewer(held.version, version)) offered.push(held);
    }
    if (!complete) continue;
    for (const held of store.entriesOfLeaf(leaf)) if (!listed.has(held.key)) offered.push(held);
  }
  // `more`: something that is newer here found no room.
  const { items: entries, more } = firstOf(offered, bytesOfEntry, bytesMax);
  return { entries, wanted, obsolete, more };
}

/** What is held of these keys. */
export function entriesOf(store: LeafStore, keys: readonly Key[], bytesMax: number) {
  const held = keys.map((key) => store.get(key)).filter((entry) => entry !== undefined);
  const { items: entries, more } = firstOf(held, bytesOfEntry, bytesMax);
  return { entries, more };
}
