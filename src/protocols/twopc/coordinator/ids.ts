/**
 * Numbers that are given out once, whatever crashes: transactions, reads, joins and the lives of the coordinator.
 *
 * A block of them is reserved durably before the first is used, and a restart begins behind the block. A number that
 * came twice would be a calamity: presumed abort answers for transactions of which nothing is known any more.
 */
import type { Ctx } from '../messages.js';

export const blockSize = 65_536;

export class Ids {
  #last = 0;
  #ceiling = 0;
  /** The first of this life. */
  #first = 0;

  /** Reserved up to here by an earlier life. */
  recover(ceiling: number): void {
    this.#ceiling = Math.max(this.#ceiling, ceiling);
    this.#last = this.#ceiling;
  }

  next(ctx: Ctx): number {
    if (this.#last === this.#ceiling) {
      this.#ceiling += blockSize;
      ctx.persist({ type: 'ceiling', id: this.#ceiling });
    }
    this.#last += 1;
    if (this.#first === 0) this.#first = this.#last;
    ctx.decide?.(`who gave out number ${this.#last}`, `the life that began with ${this.#first}`);
    return this.#last;
  }

  /** The greatest number given out so far. */
  get last(): number {
    return this.#last;
  }

  get ceiling(): number {
    return this.#ceiling;
  }
}
