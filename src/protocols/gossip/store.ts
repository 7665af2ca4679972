/**
 * What one replica holds: the newest version it has heard of for each key, tombstones included, and the horizon up to
 * which deleted keys are gone for good.
 *
 * Everything enters by `accept` or `recover` and is merged by version, so nothing that arrives late, twice or in another
 * order can undo something newer.
 */
import { decideWrite } from '../../core/decision.js';
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import type { Version } from '../../core/version.js';
import { leafAmong, leavesPerSegment } from '../shared/digest-tree.js';
import { LeafStore } from '../shared/leaf-store.js';
import type { Ctx } from './messages.js';
import type { Horizon } from './records.js';

const segmentCount = 256;
/** Tombstones that are looked at in one turn: some milliseconds. */
const lookedAtOnce = 4096;

/** What became of an entry that was offered. */
export type Merge = 'taken' | 'known' | 'obsolete';

export class Store extends LeafStore {
  #horizon: Horizon | null = null;
  /** The horizon's members, and with them those that had departed. */
  #members: ReadonlySet<NodeId> = new Set();
  #origins: ReadonlySet<NodeId> = new Set();
  /** The tombstones that the horizon has not been applied to. */
  #sweep: Iterator<Key> | null = null;
  /** Where the next look for something to collect begins. */
  #look: Iterator<Key> | null = null;

  constructor() {
    super(segmentCount, (key) => leafAmong(segmentCount * leavesPerSegment, key));
  }

  /**
   * Keeps `entry`, durably, if it is newer than what is held. What is not held, but lies at or below the horizon, has
   * been deleted and collected: whoever still has it is behind.
   */
  accept(entry: StoredEntry, ctx: Ctx): Merge {
    const { key, version, value } = entry;
    if (this.isBelowHorizon(version) && !this.has(key)) return 'obsolete';
    if (this.take(entry, 0) !== null) return 'known';
    ctx.persist({ type: 'entry', key, version, value });
    decideWrite(entry, ctx);
    return 'taken';
  }

  get horizon(): Horizon | null {
    return this.#horizon;
  }

  /** If it is not held: it was deleted and collected, or a departed node took it along. */
  isBelowHorizon({ stamp, node }: Version): boolean {
    return this.#horizon !== null && stamp <= this.#horizon.stamp && this.#origins.has(node);
  }

  /** It was here once: if it is not held, it was deleted and collected. */
  hasHad({ stamp, node }: Version): boolean {
    return this.#horizon !== null && stamp <= this.#horizon.stamp && this.#members.has(node);
  }

  /** Sets the horizon if it is farther than before, and forgets the tombstones that it covers. */
  advanceHorizon(horizon: Horizon): boolean {
    if (!this.isFarther(horizon)) return false;
    this.#horizon = horizon;
    this.#members = new Set(horizon.members);
    this.#origins = new Set([...horizon.members, ...horizon.departed]);
    this.#look = null;
    this.#sweep = this.tombstones.keys();
    this.collectSome();
    return true;
  }

  /** A farther horizon has a greater stamp and no fewer origins: what was once below it must never be above it. */
  isFarther({ stamp, members, departed }: Horizon): boolean {
    if (this.#horizon === null) return true;
    if (stamp <= this.#horizon.stamp) return false;
    const known = new Set([...members, ...departed]);
    return [...this.#origins].every((origin) => known.has(origin));
  }

  /** Whether there is a tombstone that this horizon would let go; of many, each question looks at some. */
  wouldCollect({ stamp, members, departed }: Horizon): boolean {
    const origins = new Set([...members, ...departed]);
    for (let left = Math.min(this.tombstones.size, lookedAtOnce); left > 0; left--) {
      const version = this.#nextInTurn();
      if (version && version.stamp <= stamp && origins.has(version.node)) return true;
    }
    return false;
  }

  /** Forgets the tombstones at or below the horizon. */
  collect(): void {
    this.#sweep = this.tombstones.keys();
    while (this.#sweep !== null) this.collectSome();
  }

  /** Goes on where the horizon lets go of more tombstones than could be looked at in one turn. */
  collectSome(): void {
    for (let left = lookedAtOnce; left > 0 && this.#sweep !== null; left--) {
      const next = this.#sweep.next();
      if (next.done === true) this.#sweep = null;
      else {
        const version = this.versionOf(next.value);
        if (version !== null && this.isBelowHorizon(version)) this.remove(next.value, version);
      }
    }
  }

  #nextInTurn(): Version | null {
    let next = this.#look?.next();
    if (next === undefined || next.done === true) {
      this.#look = this.tombstones.keys();
      next = this.#look.next();
    }
    return next.done === true ? null : this.versionOf(next.value);
  }
}
