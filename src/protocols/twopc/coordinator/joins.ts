/**
 * How a worker comes (back) into the pool: one at a time, from a worker that is in it.
 *
 * 1. *Copying.* The source sends the joiner every entry newer than what the joiner is known to hold, piece by piece,
 *    and then what has changed meanwhile, again and again until that is little. Transactions go on.
 * 2. *The last step.* New transactions wait in the queue. When none is undecided and the source has acknowledged every
 *    commit, the source's store is what is committed, no more and no less; it sends the last changes. The joiner reports
 *    when it has them durably and holds nothing in doubt. Then it enters the pool, durably, and the queue moves on.
 *
 * Were the last step to take longer than a vote may, the join is called off: its number becomes void and the joiner
 * begins anew later, for what is committed from now on it has not been asked about. The same goes when source, joiner
 * or coordinator restart.
 */
import type { Millis } from '../../../core/ids.js';
import type { ReservedNumbers } from '../../shared/reserved-numbers.js';
import type { Ctx, JoinNumber, TwoPhaseCommit } from '../messages.js';
import type { Member, Pool } from './pool.js';

interface Join {
  readonly join: JoinNumber;
  readonly joiner: Member;
  readonly source: Member;
  /** Pieces copied, and since when it has been so many. */
  copied: number;
  movedAt: Millis;
  /** `null` until the last step has begun. */
  holdUntil: Millis | null;
  finishing: boolean;
}

/** After a join was called off, the next attempt waits this long, and twice as long each time. */
const backoffMsMin = 200;
const backoffMsMax = 10_000;

export class Joins {
  readonly #pool: Pool;
  readonly #ids: ReservedNumbers<TwoPhaseCommit>;
  #current: Join | null = null;
  #notBefore: Millis = 0;
  #backoffMs = backoffMsMin;
  /** Whoever tried last tries next only if nobody else wants to. */
  #lastTried: Member | null = null;
  #sources = 0;

  constructor(pool: Pool, ids: ReservedNumbers<TwoPhaseCommit>) {
    this.#pool = pool;
    this.#ids = ids;
  }

  /** True in the last step: no transaction may begin. */
  get holdsTransactions(): boolean {
    return this.#current !== null && this.#current.holdUntil !== null;
  }

  get current(): { readonly joiner: Member; readonly source: Member } | null {
    return this.#current;
  }

  /** Begins the next join, or calls off the one that does not move. */
  sweep(ctx: Ctx): void {
    if (this.#current === null) this.#begin(ctx);
    else this.#watch(this.#current, ctx);
  }

  #begin(ctx: Ctx): void {
    if (ctx.now < this.#notBefore) return;
    const joiner = this.#nextJoiner(ctx.now);
    if (joiner === null) return;
    const source = this.#nextSource(ctx.now);
    if (source === null) return;
    const join = this.#ids.next(ctx);
    this.#lastTried = joiner;
    this.#current = {
      join,
      joiner,
      source,
      copied: 0,
      movedAt: ctx.now,
      holdUntil: null,
      finishing: false,
    };
    joiner.copied = 0;
    const after = joiner.holdsUpTo;
    joiner.line?.send({ type: 'join-start', join, source: source.node, reset: after === 0 }, ctx);
    source.line?.send({ type: 'copy-start', join, target: joiner.node, after }, ctx);
  }

  #nextJoiner(now: Millis): Member | null {
    let again: Member | null = null;
    for (const member of this.#pool.members) {
      if (member.inPool || !this.#canTakePart(member, now)) continue;
      if (member !== this.#lastTried) return member;
      again = member;
    }
    return again;
  }

  #nextSource(now: Millis): Member | null {
    const { members } = this.#pool.voters;
    for (let tried = 0; tried < members.length; tried++) {
      this.#sources = (this.#sources + 1) % members.length;
      const member = members[this.#sources] as Member;
      if (this.#canTakePart(member, now)) return member;
    }
    return null;
  }

  #canTakePart(member: Member, now: Millis): boolean {
    return member.line !== null && member.isResponsive(now, this.#pool.times);
  }

  #watch(current: Join, ctx: Ctx): void {
    if (current.joiner.copied !== current.copied) {
      current.copied = current.joiner.copied;
      current.movedAt = ctx.now;
    }
    const stalled = ctx.now - current.movedAt >= this.#pool.times.stallMs;
    const tooLong = current.holdUntil !== null && ctx.now >= current.holdUntil;
    if (stalled || tooLong) this.#callOff(ctx);
  }

  /** Either side has begun a new life, or left: what they had of the join is gone. */
  lost(member: Member, ctx: Ctx): void {
    const current = this.#current;
    if (current?.joiner === member || current?.source === member) this.#callOff(ctx);
  }

  #callOff(ctx: Ctx): void {
    const current = this.#current as Join;
    this.#current = null;
    this.#notBefore = ctx.now + this.#backoffMs;
    this.#backoffMs = Math.min(backoffMsMax, 2 * this.#backoffMs);
    const { join } = current;
    current.source.line?.send({ type: 'join-stop', join }, ctx);
    current.joiner.line?.send({ type: 'join-stop', join }, ctx);
  }

  /** The source has copied all but what is being written now: the last step begins. */
  onNearly(member: Member, join: JoinNumber, ctx: Ctx): void {
    const current = this.#current;
    if (current?.join !== join || current.source !== member || current.holdUntil !== null) return;
    current.holdUntil = ctx.now + this.#pool.times.voteTimeoutMs;
    current.movedAt = ctx.now;
  }

  /** Lets the source finish once nothing is under way that could still change its store. */
  finishIfStill(undecidedCount: number, ctx: Ctx): void {
    const current = this.#current;
    if (current === null || current.holdUntil === null || current.finishing) return;
    if (undecidedCount > 0 || current.source.unacknowledged.size > 0) return;
    current.finishing = true;
    current.source.line?.send({ type: 'copy-finish', join: current.join }, ctx);
  }

  /** True when the worker is in the pool from now on. */
  onCaughtUp(member: Member, join: JoinNumber, ctx: Ctx): boolean {
    const current = this.#current;
    if (current?.join !== join || current.joiner !== member || !current.finishing) return false;
    this.#current = null;
    this.#backoffMs = backoffMsMin;
    this.#pool.enter(member, ctx);
    return true;
  }
}
