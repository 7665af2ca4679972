/** Classic mistakes of gossip. Who made them in the field, and what comes of them: docs/zoo. */
import type { Millis } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { StoredEntry } from '../core/replica.js';
import type { Version } from '../core/version.js';
import { LamportClock } from '../protocols/gossip/lamport-clock.js';
import type { Ctx, Gossip } from '../protocols/gossip/messages.js';
import type { GossipOptions } from '../protocols/gossip/options.js';
import { type GossipClasses, GossipReplica } from '../protocols/gossip/replica.js';
import { type Merge, Store } from '../protocols/gossip/store.js';
import { altering, type Bug, creating } from './bug.js';

/** Replicas are made of these. */
const withClasses =
  (classes: Partial<GossipClasses>): Bug['plant'] =>
  (mode) =>
    creating<GossipOptions>(mode, (setup) => new GossipReplica(setup, classes));

/** How long tombstones are kept: as long as news take, mostly. */
const keptMs: Millis = 300;

class ForgetfulStore extends Store {
  /** When each tombstone came, oldest first. */
  readonly #came = new Map<Key, { readonly version: Version; readonly at: Millis }>();

  override accept(entry: StoredEntry, ctx: Ctx): Merge {
    for (const [key, { version, at }] of this.#came) {
      if (ctx.now - at < keptMs) break;
      this.#came.delete(key);
      if (this.remove(key, version)) ctx.persist({ type: 'dropped', key, version });
    }
    const merge = super.accept(entry, ctx);
    if (merge === 'taken') this.#came.delete(entry.key);
    if (merge === 'taken' && entry.value === null) {
      this.#came.set(entry.key, { version: entry.version, at: ctx.now });
    }
    return merge;
  }
}

class VolatileClock extends LamportClock {
  override recover(): void {}
}

export const gossipBugs: readonly Bug[] = [
  {
    name: 'gossip-tombstone-early',
    mode: 'gossip',
    mistake: 'A node forgets a tombstone after a while, whether or not the others have it.',
    promise: 'lost write: what was deleted comes back',
    plant: withClasses({ Store: ForgetfulStore }),
  },
  {
    name: 'gossip-clock-not-persisted',
    mode: 'gossip',
    mistake: "After a restart a node's Lamport clock begins at 0.",
    promise: 'lost write: what is written after a restart is older than what was there',
    plant: withClasses({ LamportClock: VolatileClock }),
  },
  {
    name: 'gossip-session-writes-only',
    mode: 'gossip',
    mistake: 'A session is told the versions of what it writes, and not of what it reads.',
    promise: 'monotonic-reads, writes-follow-reads: a session goes behind what it has read',
    plant: (mode) =>
      altering<Gossip>(mode, {
        context: (ctx) => ({
          reply(request, result) {
            const isRead = result.type === 'value' || result.type === 'refused';
            ctx.reply(request, isRead ? { ...result, version: null } : result);
          },
        }),
      }),
  },
];
