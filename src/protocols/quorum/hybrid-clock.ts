/**
 * A hybrid logical clock (Kulkarni, Demirbas, Madappa, Avva, Leone: Logical Physical Clocks, OPODIS 2014).
 *
 * A stamp is close to the wall clock, and greater than every stamp its node has given out or seen: causality as with
 * Lamport's clock, in numbers that mean a time. The paper's pair (l, c) is packed into one 53-bit number, 41 bits of
 * milliseconds since 2020-01-01 (enough until 2089) above a counter of 12 bits. More than 4096 stamps in one
 * millisecond carry into the milliseconds: the clock then runs a little ahead of the wall clock until that catches up.
 *
 * Two writes must never share a version, also when their coordinator crashed between them, keeps no copy of what it
 * wrote (it may be no replica of the key) and finds its wall clock set back. So no stamp is used, or remembered from
 * others, above a ceiling that is in the journal; after a restart the clock goes on from there. The ceiling is raised
 * a second ahead, when half of that is used up: two small records a second, whose syncs are shared with writes.
 *
 * While the clock is below a ceiling that is known to be *durable* (`isReserved`), what carries its stamps and promises
 * nothing else may leave without waiting for the journal. A message to oneself, held back as any other until what was
 * persisted is durable, brings that knowledge.
 */
import type { Millis } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import { millisSince2020, numbersPerMs } from '../../core/number-bound.js';
import type { Ctx } from './messages.js';

const stampsPerMs = numbersPerMs;

/** How far above the wall clock the ceiling is set: what a restart may skip. */
const reserveMs = 1000;
/** The least by which it rises, for a clock that runs ahead of its wall clock (so crash loops don't run away). */
const reserveMinMs = 16;

export class HybridClock {
  #last = 0;
  #ceiling = 0;
  #durableCeiling = 0;
  #raiseAbove = 0;

  /** A stamp greater than all given out or seen before, by this node and by those it heard from. */
  tick(ctx: Ctx): number {
    this.#advance(Math.max(stampAt(ctx.wallClock), this.#last + 1), ctx);
    return this.#last;
  }

  /** Learns a stamp from elsewhere: whatever is stamped here next is newer. */
  observe(stamp: number, ctx: Ctx): void {
    if (stamp > this.#last) this.#advance(stamp, ctx);
  }

  /** From a record: a ceiling, or the stamp of something held. */
  recover(stamp: number): void {
    if (stamp > this.#last) this.#last = stamp;
    this.#ceiling = this.#last;
    this.#durableCeiling = this.#last;
    this.#raiseAbove = this.#last;
  }

  /** A ceiling that this clock set has become durable. */
  onReserved(ceiling: number): void {
    this.#durableCeiling = Math.max(this.#durableCeiling, ceiling);
  }

  /** No stamp given out or seen so far can come again, even if this node crashed now. */
  get isReserved(): boolean {
    return this.#last <= this.#durableCeiling;
  }

  /** The greatest stamp given out or seen. */
  get last(): number {
    return this.#last;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  #advance(stamp: number, ctx: Ctx): void {
    invariant(Number.isSafeInteger(stamp), 'the hybrid clock has stamps left');
    this.#last = stamp;
    if (stamp <= this.#raiseAbove) return;
    const ahead = Math.max(
      stampAt(ctx.wallClock) + reserveMs * stampsPerMs,
      stamp + reserveMinMs * stampsPerMs,
    );
    this.#ceiling = Math.min(ahead, Number.MAX_SAFE_INTEGER);
    this.#raiseAbove = stamp + Math.floor((this.#ceiling - stamp) / 2);
    ctx.persist({ type: 'ceiling', stamp: this.#ceiling });
    ctx.send(ctx.self, { type: 'reserved', ceiling: this.#ceiling });
  }
}

/** The first stamp of a wall clock's millisecond; a clock before 2020 counts as 2020. */
export function stampAt(wallClock: Millis): number {
  return millisSince2020(wallClock) * stampsPerMs;
}
