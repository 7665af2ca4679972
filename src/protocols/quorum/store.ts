/**
 * What one replica holds: the newest version it has heard of for each key, tombstones included.
 *
 * Everything enters by `accept` or `recover` and is merged by version, so nothing that arrives late, twice or in
 * another order can undo something newer: last write wins, whatever brought the write (a client, a repair, a hint,
 * anti-entropy).
 */
import { decideWrite } from '../../core/decision.js';
import type { Millis } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { compareVersions, type Version } from '../../core/version.js';
import { leafAmong, leavesPerSegment } from '../shared/digest-tree.js';
import { LeafStore } from '../shared/leaf-store.js';
import type { Ctx } from './messages.js';
import type { Ring } from './ring.js';

export class Store extends LeafStore {
  /** See `heldFor`. */
  #heldFrom: Millis = 0;

  constructor(ring: Ring) {
    super(ring.segmentCount, (key) => {
      return ring.segmentOf(key) * leavesPerSegment + leafAmong(leavesPerSegment, key);
    });
  }

  /** Keeps `entry`, durably, if it is newer than what is held. Returns the version that is held afterwards. */
  accept(entry: StoredEntry, ctx: Ctx): Version {
    const held = this.take(entry, ctx.now);
    if (held !== null) return held;
    decideWrite(entry, ctx);
    ctx.persist({ type: 'entry', key: entry.key, version: entry.version, value: entry.value });
    return entry.version;
  }

  /** From now on nothing counts as held longer than since `now`: at a start, and after a pause of unknown length. */
  restartHolding(now: Millis): void {
    this.#heldFrom = now;
  }

  /** How long this tombstone, in exactly this version, has been here without interruption; 0 when it is not. */
  heldFor(key: Key, version: Version, now: Millis): Millis {
    const since = this.tombstones.get(key);
    const held = this.get(key);
    if (since === undefined || held === undefined) return 0;
    return compareVersions(held.version, version) === 0 ? now - Math.max(since, this.#heldFrom) : 0;
  }

  /** The tombstones held for at least `graceMs`, oldest first. */
  *tombstonesHeldFor(graceMs: Millis, now: Millis): Iterable<StoredEntry> {
    if (now - this.#heldFrom < graceMs) return;
    for (const [key, since] of this.tombstones) {
      if (now - since < graceMs) return;
      const held = this.get(key);
      if (held !== undefined) yield held;
    }
  }

  /** Puts a tombstone at the end of the queue, as if it had come now. */
  holdAnew(key: Key, now: Millis): void {
    if (this.tombstones.delete(key)) this.tombstones.set(key, now);
  }
}
