/**
 * Rumour mongering (Demers et al., PODC 1987, section 1.4): what a node hears for the first time is hot, and it tells
 * others until it has lost interest.
 *
 * The first telling leaves at the end of the turn in which the news came, the others one an interval, each to `fanout`
 * peers by chance. In the paper's words: push, *blind* and with a *counter*: a node loses interest after a fixed number
 * of tellings, so that an update costs each node the same, however large the cluster. Of s = e^(-8) or so of the nodes
 * that this misses anti-entropy takes care. With few nodes it ends sooner: when all peers that can be reached have been
 * told, or have told it themselves.
 */

import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import { TransientMap } from '../../core/transient.js';
import { compareVersions, type Version } from '../../core/version.js';
import { batchesOf } from '../shared/batches.js';
import { bytesOfEntry } from '../shared/leaf-exchange.js';
import type { Ctx } from './messages.js';
import { bounds, times } from './options.js';
import type { Parts } from './parts.js';

interface Rumour {
  readonly key: Key;
  readonly version: Version;
  /** Peers that have it, as far as this node knows. */
  readonly told: NodeId[];
  roundsLeft: number;
}

export class Rumours {
  readonly #parts: Parts;
  /** Oldest first. */
  readonly #hot = new TransientMap<Key, Rumour>();
  #fresh: Rumour[] = [];
  #nextPushAt: Millis = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get count(): number {
    return this.#hot.size;
  }

  keys(): Iterable<Key> {
    return this.#hot.keys();
  }

  /** This version has just become the one that is held. `from` is where it came from, `null` a client. */
  heat(key: Key, version: Version, from: NodeId | null): void {
    if (!this.#parts.options.background) return;
    const told = from === null ? [] : [from];
    const rumour: Rumour = { key, version, told, roundsLeft: bounds.rumourRounds };
    this.#hot.delete(key);
    this.#hot.set(key, rumour);
    this.#fresh.push(rumour);
    if (this.#hot.size > bounds.rumoursMax) this.#hot.deleteOldest();
  }

  /** `peer` has told what was known already: no need to tell it. */
  knows(peer: NodeId, { key, version }: StoredEntry): void {
    const rumour = this.#hot.get(key);
    if (rumour === undefined || compareVersions(rumour.version, version) !== 0) return;
    if (!rumour.told.includes(peer)) rumour.told.push(peer);
  }

  /** At the end of a turn: what the turn brought; or a little later, when there was something only just before. */
  pushFresh(ctx: Ctx): void {
    if (this.#fresh.length === 0) return;
    if (ctx.now < this.#nextPushAt) {
      ctx.setTimer('push', this.#nextPushAt - ctx.now);
      return;
    }
    this.#nextPushAt = ctx.now + times.pushGapMs;
    const fresh = this.#fresh;
    this.#fresh = [];
    this.#push(fresh, ctx);
  }

  /** Once an interval: all that is hot. */
  pushHot(ctx: Ctx): void {
    if (this.#hot.size === 0) return;
    this.#cool(ctx);
    this.#push([...this.#hot.values()], ctx);
  }

  /** Not before the round that follows the last telling: until then what was told may still be on its way. */
  #cool(ctx: Ctx): void {
    const { members, peers } = this.#parts;
    const partners = members.partners(ctx);
    const reachable = partners.length - peers.silentCount;
    for (const rumour of this.#hot.values()) {
      const mayBeOver = rumour.told.length >= reachable;
      const isOver = mayBeOver && partners.every((peer) => this.#needsNoTelling(peer, rumour));
      if (isOver || rumour.roundsLeft <= 0) this.#hot.delete(rumour.key);
    }
  }

  #push(rumours: readonly Rumour[], ctx: Ctx): void {
    const { options, members, peers } = this.#parts;
    const partners = members.partners(ctx);
    const [first] = rumours;
    const untold = (peer: NodeId): boolean => !first?.told.includes(peer);
    for (const peer of peers.pick(partners, options.fanout, ctx.random, untold)) {
      this.#tell(peer, rumours, ctx);
    }
    for (const rumour of rumours) rumour.roundsLeft -= 1;
  }

  #needsNoTelling(peer: NodeId, { told }: Rumour): boolean {
    return told.includes(peer) || this.#parts.peers.isSilent(peer);
  }

  #tell(peer: NodeId, rumours: readonly Rumour[], ctx: Ctx): void {
    const entries: StoredEntry[] = [];
    for (const { key, version, told } of rumours) {
      if (told.includes(peer)) continue;
      const held = this.#parts.store.get(key);
      // Something newer came, or it was deleted and collected: another rumour's business, or none's.
      if (held === undefined || compareVersions(held.version, version) !== 0) continue;
      told.push(peer);
      entries.push(held);
    }
    for (const batch of batchesOf(entries, bytesOfEntry)) {
      ctx.send(peer, { type: 'rumour', entries: batch });
    }
  }
}
