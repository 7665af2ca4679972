/**
 * Reads: a `get`, or a transaction of gets and checks only, is answered by one worker of the pool in one instant,
 * without locks or votes (R*'s read-only optimisation, taken to its end).
 *
 * Why that is strictly serialisable. Whatever was committed before the read arrived has a YES from this worker, which
 * therefore has applied it or holds its keys in doubt. What it has applied it shows; on a key in doubt the read waits.
 * So at the instant when none of its keys is in doubt it sees exactly the committed transactions, each whole.
 *
 * Why a worker that has left the pool shows nothing stale. It is asked nothing any more; reads that it had been asked
 * go to another worker under a new number, and an answer to a number that is not known is dropped. After a restart the
 * coordinator knows from its journal who is in the pool, and numbers are never used again.
 */
import type { Millis } from '../../../core/ids.js';
import type { ClientResult } from '../../../core/operation.js';
import { timedOut, unavailable } from '../../../core/results.js';
import type { ReservedNumbers } from '../../shared/reserved-numbers.js';
import type { Ctx, TwoPhaseCommit } from '../messages.js';
import { bounds } from '../options.js';
import type { TransactionId } from '../records.js';
import { type Member, type Pending, type Pool, type Read, respond } from './pool.js';

export class Reads {
  readonly #pool: Pool;
  readonly #ids: ReservedNumbers<TwoPhaseCommit>;
  #turn = 0;
  #count = 0;

  constructor(pool: Pool, ids: ReservedNumbers<TwoPhaseCommit>) {
    this.#pool = pool;
    this.#ids = ids;
  }

  get count(): number {
    return this.#count;
  }

  /** False when too many are under way. */
  begin(pending: Pending, ctx: Ctx): boolean {
    if (this.#count >= bounds.readsMax) return false;
    this.#count += 1;
    this.#ask(pending, null, ctx);
    return true;
  }

  onResult(member: Member, id: TransactionId, result: ClientResult, ctx: Ctx): void {
    const read = member.reads.get(id);
    if (read === undefined) return;
    member.reads.delete(id);
    this.#finish(read.pending, result, ctx);
  }

  /** Gives up on time, and asks another worker where one does not answer. */
  sweep(ctx: Ctx): void {
    const { times } = this.#pool;
    for (const member of this.#pool.members) {
      const responsive = member.isResponsive(ctx.now, times);
      for (const read of member.reads.values()) {
        if (read.pending.deadline <= ctx.now) {
          member.reads.delete(read.id);
          this.#finish(read.pending, timedOut('no answer in time'), ctx);
        } else if (!responsive || ctx.now - read.askedAt >= times.voteTimeoutMs) {
          member.reads.delete(read.id);
          this.#ask(read.pending, member, ctx);
        }
      }
    }
  }

  /** The worker has left the pool: what it was asked is asked of another, and its answers are void. */
  leave(member: Member, ctx: Ctx): void {
    const reads = [...member.reads.values()];
    member.reads.clear();
    for (const read of reads) this.#ask(read.pending, member, ctx);
  }

  #ask(pending: Pending, not: Member | null, ctx: Ctx): void {
    const member = this.#choose(not, ctx.now);
    if (member === null) {
      this.#finish(pending, unavailable('no worker of the pool answers'), ctx);
      return;
    }
    const read: Read = { id: this.#ids.next(ctx), pending, askedAt: ctx.now };
    member.reads.set(read.id, read);
    member.outbox.reads.push(read);
  }

  /** The next worker in turn that seems to be there; the one to avoid only if there is no other. */
  #choose(avoided: Member | null, now: Millis): Member | null {
    const { members } = this.#pool.voters;
    let last: Member | null = null;
    for (let tried = 0; tried < members.length; tried++) {
      this.#turn = (this.#turn + 1) % members.length;
      const member = members[this.#turn] as Member;
      if (!member.isResponsive(now, this.#pool.times)) continue;
      if (member !== avoided) return member;
      last = member;
    }
    return last;
  }

  #finish(pending: Pending, result: ClientResult, ctx: Ctx): void {
    this.#count -= 1;
    respond(pending.origin, result, this.#pool, ctx);
  }
}
