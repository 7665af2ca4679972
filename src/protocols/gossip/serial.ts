/**
 * Numbers for what is no write: changes of members, waves of `stabilize`. They rise like Lamport's clock, and are kept
 * apart from it so that stamps count writes and nothing else.
 *
 * No number may come twice, also when its node crashed in between, and not every number is in a record of its own. So none
 * is given out or seen above a ceiling that is in the journal, and a restart goes on from there. The ceiling rises by
 * blocks: one small record in a thousand.
 */
import { invariant } from '../../core/invariant.js';
import type { Ctx } from './messages.js';

/** What a restart may skip. */
const reserve = 1024;

export class Serial {
  #last = 0;
  #ceiling = 0;

  get last(): number {
    return this.#last;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  /** Greater than all before. */
  tick(ctx: Ctx): number {
    this.#advance(this.#last + 1, ctx);
    return this.#last;
  }

  /** Whatever is numbered here next comes after this. */
  observe(stamp: number, ctx: Ctx): void {
    if (stamp > this.#last) this.#advance(stamp, ctx);
  }

  /** From a record: a ceiling, or the number of something held. */
  recover(stamp: number): void {
    this.#last = Math.max(this.#last, stamp);
    this.#ceiling = this.#last;
  }

  #advance(stamp: number, ctx: Ctx): void {
    invariant(Number.isSafeInteger(stamp + reserve), `there are no numbers left after ${stamp}`);
    this.#last = stamp;
    if (stamp <= this.#ceiling) return;
    this.#ceiling = stamp + reserve;
    ctx.persist({ type: 'ceiling', stamp: this.#ceiling });
  }
}
