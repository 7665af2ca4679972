/**
 * Collecting tombstones so that nothing rises from the dead.
 *
 * A delete is a write of a tombstone. Forgetting it is safe only when no older value of the key is left anywhere: at no
 * replica, in no hint, in no operation or repair under way, in no message. (Cassandra forgets after ten days and asks
 * its operators to repair before; here every node is asked.)
 *
 * 1. The key's first replica *proposes* tombstones that it has held for the grace period to every node of the cluster.
 * 2. A node *confirms* one when, as a replica of the key, it has held exactly that version for the grace period, and, as
 *    any node, has no phase under way that could bring up an older version; older hints it drops. From then on it can't
 *    produce an older version: it keeps none, and its clock has seen the tombstone's stamp.
 * 3. When all have confirmed, the proposer waits for the grace period once more, so that whatever older was in flight
 *    has arrived at a replica that still has the tombstone; then it tells the replicas to *collect*.
 * 4. A replica removes the tombstone if it still has exactly that version and has held it for the grace period.
 *
 * **Assumption**: a message is delivered within the grace period or never. A process that is stopped stretches that
 * for what waits at its door, hence "held for" starts anew when a node starts or notices that it had been stopped. As
 * long as one node is away nothing is collected. If a `collect` is lost, anti-entropy brings the tombstone back to those
 * that removed it, never the value, and a later round collects it.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { compareVersions, isNewer } from '../../core/version.js';
import { firstOf } from '../shared/batches.js';
import { bytesOfKey, type KeyVersion } from '../shared/leaf-exchange.js';
import type { Parts, PendingPhase } from './coordinator/pending.js';
import type { Ctx, PhaseNumber } from './messages.js';

interface Proposal {
  readonly round: PhaseNumber;
  tombstones: readonly KeyVersion[];
  /** Peers that have not answered. */
  readonly waiting: Set<NodeId>;
  /** Places in `tombstones` that somebody refused. */
  readonly refused: Set<number>;
  readonly giveUpAt: Millis;
  /** When all have answered: the moment to collect. */
  collectAt: Millis | null;
}

/** Looked at this many times in a grace period, so that a tombstone's life is not much longer than it must be. */
const looksPerGrace = 4;
/** Tombstones, those that others are to propose among them: some milliseconds. */
const lookedAtOnce = 8192;

export class TombstoneCollector {
  readonly #parts: Parts;
  #proposal: Proposal | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(ctx: Ctx): void {
    ctx.setTimer('collection', this.#graceMs / looksPerGrace);
  }

  onTimer(ctx: Ctx): void {
    const proposal = this.#proposal;
    if (proposal === null) this.#propose(ctx);
    else if (proposal.collectAt !== null) {
      if (ctx.now >= proposal.collectAt) this.#finish(proposal, ctx);
    } else if (ctx.now >= proposal.giveUpAt) {
      this.#postpone(proposal, ctx);
    } else {
      for (const peer of proposal.waiting) this.#ask(peer, proposal, ctx);
    }
    ctx.setTimer('collection', this.#graceMs / looksPerGrace);
  }

  /** Answers for this node which of the proposed tombstones may go. */
  onPropose(from: NodeId, round: PhaseNumber, tombstones: readonly KeyVersion[], ctx: Ctx): void {
    ctx.send(from, { type: 'confirm', round, refused: this.#refusals(tombstones, ctx) });
  }

  onConfirm(from: NodeId, round: PhaseNumber, refused: readonly number[], ctx: Ctx): void {
    const proposal = this.#proposal;
    if (proposal === null || proposal.round !== round || !proposal.waiting.delete(from)) return;
    for (const place of refused) proposal.refused.add(place);
    if (proposal.waiting.size === 0) this.#allAnswered(proposal, ctx);
  }

  onCollect(tombstones: readonly KeyVersion[], ctx: Ctx): void {
    const { store } = this.#parts;
    for (const { key, version } of tombstones) {
      if (store.heldFor(key, version, ctx.now) < this.#graceMs) continue;
      store.remove(key, version);
      ctx.persist({ type: 'collected', key, version });
    }
  }

  get #graceMs(): Millis {
    return this.#parts.options.graceMs;
  }

  #propose(ctx: Ctx): void {
    const { clock, detector } = this.#parts;
    if (detector.suspects.length > 0) return;
    const { items: tombstones } = firstOf(this.#candidates(ctx.now), bytesOfKey);
    if (tombstones.length === 0) return;
    const proposal: Proposal = {
      round: clock.tick(ctx),
      tombstones,
      waiting: new Set(ctx.peers),
      refused: new Set(this.#refusals(tombstones, ctx)),
      giveUpAt: ctx.now + this.#graceMs,
      collectAt: null,
    };
    this.#proposal = proposal;
    for (const peer of ctx.peers) this.#ask(peer, proposal, ctx);
    if (proposal.waiting.size === 0) this.#allAnswered(proposal, ctx);
  }

  #ask(peer: NodeId, { round, tombstones }: Proposal, ctx: Ctx): void {
    ctx.send(peer, { type: 'propose', round, tombstones });
  }

  #allAnswered(proposal: Proposal, ctx: Ctx): void {
    const { refused, tombstones } = proposal;
    for (const place of refused) this.#tryLater(tombstones[place], ctx);
    proposal.tombstones = tombstones.filter((_, place) => !refused.has(place));
    proposal.collectAt = ctx.now + this.#graceMs;
    if (proposal.tombstones.length === 0) this.#proposal = null;
  }

  #finish(proposal: Proposal, ctx: Ctx): void {
    const byReplica = new Map<NodeId, KeyVersion[]>();
    for (const tombstone of proposal.tombstones) {
      for (const owner of this.#parts.ring.ownersOf(tombstone.key)) {
        const list = byReplica.get(owner);
        if (list === undefined) byReplica.set(owner, [tombstone]);
        else list.push(tombstone);
      }
    }
    for (const [owner, tombstones] of byReplica) {
      if (owner === ctx.self) this.onCollect(tombstones, ctx);
      else ctx.send(owner, { type: 'collect', tombstones });
    }
    this.#proposal = null;
  }

  #postpone(proposal: Proposal, ctx: Ctx): void {
    for (const tombstone of proposal.tombstones) this.#tryLater(tombstone, ctx);
    this.#proposal = null;
  }

  /** To the end of the queue, so that one that can't go does not stand before others that can. */
  #tryLater(tombstone: KeyVersion | undefined, ctx: Ctx): void {
    if (tombstone !== undefined) this.#parts.store.holdAnew(tombstone.key, ctx.now);
  }

  *#candidates(now: Millis): Iterable<KeyVersion> {
    const { store, ring, self } = this.#parts;
    let left = lookedAtOnce;
    for (const { key, version } of store.tombstonesHeldFor(this.#graceMs, now)) {
      if (ring.ownersOf(key)[0] === self) yield { key, version };
      if (--left === 0) return;
    }
  }

  /** The places of those that this node can't confirm, ascending. */
  #refusals(tombstones: readonly KeyVersion[], ctx: Ctx): number[] {
    const { store, ring, self, clock, hints, pending } = this.#parts;
    const places = new Map(tombstones.map((tombstone, place) => [tombstone.key, place]));
    const refused = new Set<number>();
    for (const phase of pending.phases()) {
      const place = places.get(phase.ask.operation.key);
      const tombstone = place === undefined ? undefined : tombstones[place];
      if (place === undefined || tombstone === undefined) continue;
      if (mayBringUpOlder(phase, tombstone)) refused.add(place);
    }
    for (const [place, { key, version }] of tombstones.entries()) {
      clock.observe(version.stamp, ctx);
      hints.dropOlder(key, version, ctx);
      const isReplica = ring.ownersOf(key).includes(self);
      if (isReplica && store.heldFor(key, version, ctx.now) < this.#graceMs) refused.add(place);
    }
    return [...refused].sort((a, b) => a - b);
  }
}

/** A write of an older version; or a read that has met one, or may still meet one and would repair with it. */
function mayBringUpOlder(phase: PendingPhase, { version }: KeyVersion): boolean {
  if (phase.kind === 'write') return isNewer(version, phase.entry.version);
  return phase.best === null || compareVersions(phase.best.version, version) < 0;
}
