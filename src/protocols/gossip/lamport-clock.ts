/**
 * Lamport's logical clock (Time, Clocks, and the Ordering of Events in a Distributed System, CACM 1978): every write gets
 * a greater stamp than all that its node has seen.
 *
 * Two writes must never share a version, also when their node crashed between them. And what a node tells of its own
 * clock ("you have all my writes up to here") must stay true after a crash. So no stamp is given out or seen above a
 * ceiling that is in the journal, and a restart goes on from there. The ceiling rises by blocks: one small record in a
 * thousand writes.
 */
import { invariant } from '../../core/invariant.js';
import type { Ctx } from './messages.js';

/** What a restart may skip. */
const reserve = 1024;

export class LamportClock {
  #last = 0;
  #ceiling = 0;

  /** The greatest stamp given out or seen. */
  get last(): number {
    return this.#last;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  /** A stamp greater than all before. */
  tick(ctx: Ctx): number {
    this.#advance(this.#last + 1, ctx);
    return this.#last;
  }

  /** Lamport's rule IR2: whatever is stamped here next is newer than this. */
  observe(stamp: number, ctx: Ctx): void {
    if (stamp > this.#last) this.#advance(stamp, ctx);
  }

  /** From a record: a ceiling, or the stamp of something held. */
  recover(stamp: number): void {
    this.#last = Math.max(this.#last, stamp);
    this.#ceiling = this.#last;
  }

  #advance(stamp: number, ctx: Ctx): void {
    invariant(Number.isSafeInteger(stamp + reserve), `the clock has run out of stamps at ${stamp}`);
    this.#last = stamp;
    if (stamp <= this.#ceiling) return;
    this.#ceiling = stamp + reserve;
    ctx.persist({ type: 'ceiling', stamp: this.#ceiling });
  }
}
