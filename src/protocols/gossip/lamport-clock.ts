/**
 * Lamport's logical clock (Time, Clocks, and the Ordering of Events in a Distributed System, CACM 1978): every write gets
 * a greater stamp than all that its node has seen, and nothing else makes it tick.
 *
 * Two writes must never share a version, also when their node crashed between them. And what a node tells of its own
 * clock ("you have all my writes up to here") must stay true after a crash. That takes no record of its own: every stamp
 * given out, and every one seen of something taken, is that of an entry or a horizon that is persisted in the same turn;
 * what is not taken is no newer than something held. So the greatest stamp in the journal is the clock. Only a snapshot,
 * which leaves out what is gone, says it in so many words.
 */
import { invariant } from '../../core/invariant.js';

export class LamportClock {
  #last = 0;

  /** The greatest stamp given out or seen. */
  get last(): number {
    return this.#last;
  }

  /** A stamp greater than all before. */
  tick(): number {
    this.observe(this.#last + 1);
    return this.#last;
  }

  /** From a record. */
  recover(stamp: number): void {
    this.observe(stamp);
  }

  /** Lamport's rule IR2: whatever is stamped here next is newer than this. */
  observe(stamp: number): void {
    invariant(Number.isSafeInteger(stamp), 'the clock has stamps left');
    this.#last = Math.max(this.#last, stamp);
  }
}
