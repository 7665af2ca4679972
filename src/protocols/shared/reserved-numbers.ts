/**
 * Numbers that are given out once, whatever crashes, for what is in no record of its own: transactions, reads, waves.
 *
 * None is given out, or seen, above a ceiling that is in the journal, and a restart goes on behind it. The ceiling rises by
 * blocks: one small record for many numbers. A number that came twice would be a calamity: presumed abort, for one, answers
 * for transactions of which nothing is known any more.
 */
import { invariant } from '../../core/invariant.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';

export class ReservedNumbers<P extends ProtocolTypes> {
  readonly #blockSize: number;
  readonly #recordOf: (ceiling: number) => P['record'];
  #last = 0;
  #ceiling = 0;
  /** The first that was given out in this life. */
  #first = 0;

  constructor(blockSize: number, recordOf: (ceiling: number) => P['record']) {
    this.#blockSize = blockSize;
    this.#recordOf = recordOf;
  }

  /** The greatest number given out or seen so far. */
  get last(): number {
    return this.#last;
  }

  get ceiling(): number {
    return this.#ceiling;
  }

  /** Greater than all before. */
  next(ctx: Context<P>): number {
    this.#advance(this.#last + 1, ctx);
    if (this.#first === 0) this.#first = this.#last;
    ctx.decide?.(
      `who gave out number ${this.#last} of ${ctx.self}`,
      `the life that began with ${this.#first}`,
    );
    return this.#last;
  }

  /** Whatever is numbered here next comes after this. */
  observe(number: number, ctx: Context<P>): void {
    if (number > this.#last) this.#advance(number, ctx);
  }

  /** From a record: a ceiling, or the number of something held. */
  recover(number: number): void {
    this.#last = Math.max(this.#last, number);
    this.#ceiling = this.#last;
  }

  #advance(number: number, ctx: Context<P>): void {
    const ceiling = number - 1 + this.#blockSize;
    invariant(Number.isSafeInteger(ceiling), 'there are numbers left');
    this.#last = number;
    if (number <= this.#ceiling) return;
    this.#ceiling = ceiling;
    ctx.persist(this.#recordOf(ceiling));
  }
}
