/**
 * How a node takes part again that has lost its journal, or the end of it.
 *
 * What it had acknowledged and told nobody is gone. What it must not do is give out a version a second time, for two
 * values would pass for one; nor write below what others know of it ("I have all its writes up to here"), for such a
 * write would never reach them. So at first it is *copying*: it refuses its clients, which is definite, and
 *
 * 1. asks every peer how far its clocks are (`rejoin`, `welcome`), and pulls everything from those that are whole;
 * 2. is done when at least one pull is complete, and every other peer is pulled from, is copying itself, or is silent;
 * 3. then leaps ahead with both clocks, farther than its earlier self can have been ahead of everybody.
 *
 * What an older journal still holds stays and is compared as ever: a horizon, which comes with the first complete pull,
 * tells what was deleted since.
 */
import type { NodeId } from '../../core/ids.js';
import { numberBound } from '../../core/number-bound.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Ctx, MessageOf } from './messages.js';
import { bounds } from './options.js';
import type { Parts } from './parts.js';
import type { DurableRecord } from './records.js';

/** Names its pulls. */
export const rejoinPurpose = 'rejoin';

export class Rejoining {
  readonly #parts: Parts;
  readonly #antiEntropy: AntiEntropy;
  #isCopying = false;
  readonly #pulled = new Set<NodeId>();
  /** They copy themselves: what they have comes from somebody else, or later. */
  readonly #copying = new Set<NodeId>();

  constructor(parts: Parts, antiEntropy: AntiEntropy) {
    this.#parts = parts;
    this.#antiEntropy = antiEntropy;
  }

  get isCopying(): boolean {
    return this.#isCopying;
  }

  recover(record: Extract<DurableRecord, { type: 'rejoining' | 'whole' }>): void {
    this.#isCopying = record.type === 'rejoining';
  }

  start(hasLost: boolean, ctx: Ctx): void {
    if (hasLost) {
      this.#isCopying = true;
      ctx.persist({ type: 'rejoining' });
    }
    if (this.#isCopying) this.ask(ctx);
  }

  /** Once a round, for questions may be lost. */
  ask(ctx: Ctx): void {
    for (const peer of this.#parts.members.partners(ctx)) {
      if (this.#pulled.has(peer)) continue;
      this.#parts.peers.asked(peer, ctx.now);
      ctx.send(peer, { type: 'rejoin' });
    }
  }

  onRejoin(from: NodeId, ctx: Ctx): void {
    const { clock, serial } = this.#parts;
    const isWhole = !this.#isCopying;
    ctx.send(from, { type: 'welcome', isWhole, stamp: clock.last, serial: serial.last });
  }

  onWelcome(from: NodeId, { isWhole, stamp, serial }: MessageOf<'welcome'>, ctx: Ctx): void {
    if (!this.#isCopying) return;
    this.#parts.clock.observe(stamp);
    this.#parts.serial.observe(serial, ctx);
    if (isWhole) this.#antiEntropy.pull(from, rejoinPurpose, ctx);
    if (isWhole) this.#copying.delete(from);
    else this.#copying.add(from);
  }

  onPulled(peer: NodeId): void {
    this.#pulled.add(peer);
  }

  onTurnEnd(ctx: Ctx): void {
    if (!this.#isCopying || this.#pulled.size === 0 || this.#waitsForSomebody(ctx)) return;
    const { clock, serial } = this.#parts;
    clock.observe(leapFrom(clock.last, ctx));
    serial.observe(leapFrom(serial.last, ctx), ctx);
    ctx.persist({ type: 'clock', stamp: clock.last });
    ctx.persist({ type: 'whole' });
    this.#isCopying = false;
  }

  #waitsForSomebody(ctx: Ctx): boolean {
    const { members, peers } = this.#parts;
    return members.partners(ctx).some((peer) => {
      return !this.#pulled.has(peer) && !this.#copying.has(peer) && !peers.isSilent(peer);
    });
  }
}

/** Not beyond what others take: nor can the earlier self have been there. */
function leapFrom(last: number, ctx: Ctx): number {
  return Math.max(last, Math.min(last + bounds.rejoinLeap, numberBound(ctx.wallClock)));
}
