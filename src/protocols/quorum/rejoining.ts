/**
 * How a replica takes part again that has lost its journal, or the end of it.
 *
 * It may have acknowledged writes that it does not hold any more. A majority that counts it would miss what only its
 * earlier self and a minority have; and a stamp of its clock could come a second time. So at first it is *copying*: it
 * keeps what it is sent, and says nothing. What an older journal still holds it throws away: a key may have been deleted
 * since, and its tombstone collected everywhere, with the word of the earlier self. From every peer it wants two things, in this order:
 *
 * 1. The greatest stamp that the peer has seen (`rejoin`, `welcome`): whatever a coordinator stamped and sent, its peers
 *    have observed. Above all of these its own clock goes on. Before it welcomes, a peer takes back what the earlier self
 *    has acknowledged of operations that the peer coordinates and has not answered.
 * 2. Everything that the peer holds of their common keys: one exchange of anti-entropy that began after the welcome.
 *
 * Then it holds every write that any peer holds, and so every acknowledged one: each is on W replicas, and W - 1 of them
 * are peers. A peer that is copying itself gives no welcome: what two replicas have lost at the same time may be gone for
 * good, and then it is right that they wait. With W = 1 a write that only the lost replica had is lost with it.
 */
import type { NodeId } from '../../core/ids.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Parts } from './coordinator/pending.js';
import type { Ctx, Of } from './messages.js';
import type { DurableRecord } from './records.js';

export class Rejoining {
  readonly #parts: Parts;
  readonly #antiEntropy: AntiEntropy;
  #isCopying = false;
  /** Peers that have not welcomed this node, and those that have and were not copied from yet. */
  readonly #unwelcomed = new Set<NodeId>();
  readonly #uncopied = new Set<NodeId>();

  constructor(parts: Parts, antiEntropy: AntiEntropy) {
    this.#parts = parts;
    this.#antiEntropy = antiEntropy;
  }

  /** Until it is over, this replica neither answers nor acknowledges. */
  get isCopying(): boolean {
    return this.#isCopying;
  }

  get waitsFor(): readonly NodeId[] {
    return [...this.#unwelcomed, ...this.#uncopied];
  }

  recover(record: Extract<DurableRecord, { type: 'rejoining' | 'whole' }>): void {
    if (record.type === 'whole') this.#isCopying = false;
    else this.#beginAnew();
  }

  start(hasLost: boolean, ctx: Ctx): void {
    if (hasLost) {
      this.#beginAnew();
      ctx.persist({ type: 'rejoining' });
    }
    if (!this.#isCopying) return;
    ctx.tell({ what: 'copies all from', detail: this.#parts.peers.join(' ') });
    for (const peer of this.#parts.peers) this.#unwelcomed.add(peer);
    this.ask(ctx);
  }

  #beginAnew(): void {
    this.#isCopying = true;
    this.#parts.store.clear();
    this.#parts.hints.clear();
  }

  /** Also again and again: questions may be lost. */
  ask(ctx: Ctx): void {
    for (const peer of this.#unwelcomed) ctx.send(peer, { type: 'rejoin' });
  }

  onRejoin(from: NodeId, ctx: Ctx): void {
    if (this.#isCopying) return;
    ctx.send(from, { type: 'welcome', stamp: this.#parts.clock.last });
  }

  onWelcome(from: NodeId, { stamp }: Of<'welcome'>, ctx: Ctx): void {
    if (!this.#unwelcomed.delete(from)) return;
    this.#parts.clock.observe(stamp, ctx);
    if (this.#antiEntropy.copyFrom(from, ctx)) this.#uncopied.add(from);
    this.#finishIfWhole(ctx);
  }

  /** An exchange with this peer has brought all that it had. */
  onCopied(peer: NodeId, ctx: Ctx): void {
    if (this.#uncopied.delete(peer)) this.#finishIfWhole(ctx);
  }

  #finishIfWhole(ctx: Ctx): void {
    if (this.#unwelcomed.size + this.#uncopied.size > 0) return;
    this.#isCopying = false;
    ctx.tell({ what: 'has copied all' });
    ctx.persist({ type: 'whole' });
  }
}
