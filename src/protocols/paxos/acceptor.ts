/**
 * The acceptor (Lamport 2001, section 2.2; PMMC section 2.3), for all slots at once.
 *
 * 1. On a Prepare of a ballot higher than any before it promises never to accept anything lower any more, and reports
 *    what it has accepted, slot by slot, with the ballot under which it did.
 * 2. On an Accept it accepts "iff it has not responded to a prepare request having a number greater than n" (P1a).
 *    Accepting under a higher ballot is a promise, too.
 *
 * Both are persisted in the breath in which they are answered; the answer leaves once they are durable (Lamport,
 * section 2.5: "stable storage, preserved during failures, is used to maintain the information that the acceptor must
 * remember").
 *
 * Ours differs from the papers in what travels. A candidate says up to where it knows everything, and the acceptor does
 * the same; what lies below either is chosen and is learned rather than proposed again. Acknowledgements are
 * cumulative: `upTo` says that every slot up to it is accepted under this ballot, counting from what the coordinator
 * has declared chosen. And for experiments an acceptor may fail to answer, with a given probability.
 */
import type { NodeId } from '../../core/ids.js';
import { batchesOf } from '../shared/batches.js';
import { type Ballot, compareBallots, noBallot } from './ballot.js';
import type { Slot } from './command.js';
import type { Learner } from './learner/learner.js';
import type { AcceptedValue, Ctx, Of } from './messages.js';
import { bounds } from './options.js';

export class Acceptor {
  readonly #learner: Learner;
  #promised: Ballot = noBallot;
  /** All slots up to `#runUpTo` are accepted under the ballot of the run, or chosen. */
  #runBallot: Ballot = noBallot;
  #runUpTo: Slot = 0;
  /** Whom to send `accepted` at the end of the turn. */
  #owes: NodeId | null = null;
  readonly #failRate: number;

  constructor(learner: Learner, failRate: number) {
    this.#learner = learner;
    this.#failRate = failRate;
  }

  get promised(): Ballot {
    return this.#promised;
  }

  /** Slots accepted and not known to be chosen. */
  get undecidedCount(): number {
    return this.#learner.log.above(this.#learner.applied).length;
  }

  recoverPromise(ballot: Ballot): void {
    if (compareBallots(ballot, this.#promised) > 0) this.#promised = ballot;
  }

  recoverAccepted(ballot: Ballot, slot: Slot, batch: AcceptedValue['batch']): void {
    this.recoverPromise(ballot);
    if (slot <= this.#learner.applied) return;
    const held = this.#learner.log.get(slot);
    if (held !== undefined && compareBallots(held.ballot, ballot) >= 0) return;
    this.#learner.log.set(slot, ballot, batch);
  }

  onPrepare(from: NodeId, { ballot, decided }: Of<'prepare'>, ctx: Ctx): void {
    if (this.#fails(ctx)) return;
    if (compareBallots(ballot, this.#promised) < 0) this.#reject(from, ballot, ctx);
    else {
      this.promise(ballot, ctx);
      this.#report(from, decided, ctx);
    }
  }

  /**
   * Whom this node follows it promises, too: or it would hear a lower ballot and not follow it, and nobody would be told.
   * To this node's own candidate answering is left to chance (`answerOwn`), promising is not: see `coordinator/scout.ts`.
   */
  promise(ballot: Ballot, ctx: Ctx): void {
    if (compareBallots(ballot, this.#promised) <= 0) return;
    this.#promised = ballot;
    ctx.persist({ type: 'promised', ballot });
  }

  answerOwn(ctx: Ctx): void {
    if (!this.#fails(ctx)) this.#report(ctx.self, this.#learner.applied, ctx);
  }

  /** False when the ballot is lower than what is promised. */
  onAccept(from: NodeId, message: Of<'accept'>, ctx: Ctx): boolean {
    const { ballot, slot, batches, decided } = message;
    if (compareBallots(ballot, this.#promised) < 0) {
      this.#reject(from, ballot, ctx);
      return false;
    }
    if (this.#fails(ctx)) return true;
    const { log, applied } = this.#learner;
    for (let at = 0; at < batches.length; at++) {
      const batch = batches[at] as AcceptedValue['batch'];
      const held = log.get(slot + at);
      if (slot + at <= applied) continue;
      if (held !== undefined && compareBallots(held.ballot, ballot) === 0) continue;
      if (held === undefined && this.#isFull(slot + at)) break;
      log.set(slot + at, ballot, batch);
      ctx.persist({ type: 'accepted', ballot, slot: slot + at, batch, decided: applied });
      this.recoverPromise(ballot);
    }
    // Also when it held all of this: an acknowledgement is a promise, which must be durable.
    this.promise(ballot, ctx);
    this.#extendRun(ballot, decided);
    this.#owes = from;
    return true;
  }

  onTurnEnd(ctx: Ctx): void {
    if (this.#owes === null) return;
    const message = { type: 'accepted', ballot: this.#runBallot, upTo: this.#runUpTo } as const;
    ctx.send(this.#owes, message);
    this.#owes = null;
  }

  #fails(ctx: Ctx): boolean {
    return ctx.random.chance(ctx.failRate ?? this.#failRate);
  }

  #reject(to: NodeId, ballot: Ballot, ctx: Ctx): void {
    ctx.send(to, { type: 'reject', ballot, promised: this.#promised });
  }

  /** The PROMISE, in parts that fit a message. */
  #report(to: NodeId, decidedThere: Slot, ctx: Ctx): void {
    const { log, applied } = this.#learner;
    const held = log.above(Math.max(applied, decidedThere));
    const ballot = this.#promised;
    const parts = [...batchesOf(held, ({ entry }) => entry.bytes)];
    if (parts.length === 0) parts.push([]);
    for (const [part, values] of parts.entries()) {
      const last = part === parts.length - 1;
      const accepted = values.map(({ slot, entry: { ballot, batch } }) => ({
        slot,
        ballot,
        batch,
      }));
      ctx.send(to, { type: 'promise', ballot, decided: applied, part, last, accepted });
    }
  }

  /** What is accepted and not known to be chosen can't be dropped, so there must be an end to it. */
  #isFull(slot: Slot): boolean {
    const { log, applied } = this.#learner;
    return slot > applied + bounds.undecidedMax || log.bytes > bounds.undecidedBytesMax;
  }

  #extendRun(ballot: Ballot, decided: Slot): void {
    const { log, applied } = this.#learner;
    if (compareBallots(ballot, this.#runBallot) !== 0) {
      this.#runBallot = ballot;
      this.#runUpTo = 0;
    }
    let upTo = Math.max(this.#runUpTo, decided, applied);
    for (;;) {
      const next = log.get(upTo + 1);
      if (next === undefined || compareBallots(next.ballot, ballot) !== 0) break;
      upTo += 1;
    }
    this.#runUpTo = upTo;
  }
}
