/**
 * Phase 2 of one ballot (the *commanders* of PMMC, section 2.4, one object for all slots).
 *
 * Proposes one value a slot, once and for all under this ballot, and counts acceptances: a value is chosen when a
 * majority of the slot's members has accepted it (Lamport 2001, section 2.1). Acknowledgements are cumulative. What a
 * live acceptor has not acknowledged in about twice its usual time is sent to it again.
 *
 * An Accept promises nothing that is not durable (its ballot is, see `scout.ts`), so it leaves before this node's own
 * acceptor has it on disk; that one's vote counts only when its own `accepted` arrives here, which the durability gate
 * holds back until then.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import { batchBytesTarget } from '../../../core/limits.js';
import { TransientMap } from '../../../core/transient.js';
import { batchesOf } from '../../shared/batches.js';
import type { Acceptor } from '../acceptor.js';
import type { Ballot } from '../ballot.js';
import { type Batch, batchBytes, type Slot } from '../command.js';
import type { Learner } from '../learner/learner.js';
import type { Ctx, Of } from '../messages.js';
import { times } from '../options.js';
import { hasMajority } from '../state/membership.js';

interface Proposal {
  readonly batch: Batch;
  readonly bytes: number;
}

/** What one acceptor has acknowledged, and how soon it does. */
interface Progress {
  acknowledged: Slot;
  /** When something was sent to it last that it has not acknowledged. */
  sentAt: Millis;
  /** From there to its acknowledgement, smoothed. */
  delayMs: Millis;
}

export class Commander {
  readonly ballot: Ballot;
  readonly #learner: Learner;
  readonly #acceptor: Acceptor;
  /** What is proposed and not yet chosen. */
  readonly #proposals = new TransientMap<Slot, Proposal>();
  readonly #progress = new Map<NodeId, Progress>();
  #lastProposed: Slot = 0;
  /** Neither this slot nor any before it has a proposal. */
  #cleared: Slot = 0;
  #firstUnsent: Slot = 0;

  constructor(ballot: Ballot, learner: Learner, acceptor: Acceptor) {
    this.ballot = ballot;
    this.#learner = learner;
    this.#acceptor = acceptor;
  }

  get inFlight(): number {
    return this.#proposals.size;
  }

  get lastProposed(): Slot {
    return this.#lastProposed;
  }

  propose(slot: Slot, batch: Batch): void {
    if (this.#proposals.size === 0) this.#cleared = slot - 1;
    this.#proposals.set(slot, { batch, bytes: batchBytes(batch) });
    this.#lastProposed = slot;
    if (this.#firstUnsent === 0) this.#firstUnsent = slot;
  }

  onAccepted(from: NodeId, { upTo }: Of<'accepted'>, now: Millis): void {
    const progress = this.#progressOf(from);
    // Nobody has accepted what was not proposed, nor may it count when it is.
    const acknowledged = Math.min(upTo, Math.max(this.#lastProposed, this.#learner.applied));
    if (acknowledged <= progress.acknowledged) return;
    progress.acknowledged = acknowledged;
    progress.delayMs += (now - progress.sentAt - progress.delayMs) / 4;
    progress.sentAt = now;
  }

  /** Hands to the learner, in order, what a majority has accepted. */
  decide(ctx: Ctx): void {
    for (;;) {
      const slot = this.#learner.applied + 1;
      const proposal = this.#proposals.get(slot);
      if (proposal === undefined) break;
      const members = this.#learner.machine.membership.at(slot);
      if (!hasMajority(members, (node) => this.acknowledgedBy(node) >= slot)) break;
      this.#learner.choose(proposal.batch, this.ballot, ctx);
      this.#proposals.delete(slot);
    }
    // What others have taught meanwhile is chosen as well.
    if (this.#proposals.size === 0) return;
    for (; this.#cleared < this.#learner.applied; this.#cleared++) {
      this.#proposals.delete(this.#cleared + 1);
    }
  }

  acknowledgedBy(node: NodeId): Slot {
    return this.#progress.get(node)?.acknowledged ?? 0;
  }

  /** Sends what was proposed in this turn to this node's acceptor and to others. True when there was anything. */
  send(to: readonly NodeId[], ctx: Ctx): boolean {
    if (this.#firstUnsent === 0) return false;
    const first = this.#firstUnsent;
    this.#firstUnsent = 0;
    this.#noteSent(ctx.self, first, ctx.now);
    for (const node of to) this.#noteSent(node, first, ctx.now);
    for (const message of this.#acceptsFrom(first, Number.POSITIVE_INFINITY)) {
      this.#acceptor.onAccept(ctx.self, message, ctx);
      for (const node of to) ctx.sendUnsynced(node, message);
    }
    return true;
  }

  #noteSent(to: NodeId, first: Slot, now: Millis): void {
    const progress = this.#progressOf(to);
    if (progress.acknowledged + 1 >= first) progress.sentAt = now;
  }

  /** Sends again, about one message a node, what these nodes should have acknowledged by now. */
  resend(to: readonly NodeId[], ctx: Ctx): void {
    if (this.#proposals.size === 0) return;
    for (const node of to) {
      const progress = this.#progressOf(node);
      const patienceMs = Math.min(2 * progress.delayMs + times.resendMsMin, times.resendMsMax);
      if (progress.acknowledged >= this.#lastProposed) continue;
      if (ctx.now - progress.sentAt < patienceMs) continue;
      progress.sentAt = ctx.now;
      const from = Math.max(progress.acknowledged, this.#learner.applied) + 1;
      for (const message of this.#acceptsFrom(from, batchBytesTarget)) {
        if (node === ctx.self) this.#acceptor.onAccept(node, message, ctx);
        else ctx.sendUnsynced(node, message);
      }
    }
  }

  /** Accepts for the proposals from `first` on: each message about as large as may be, all of them up to `bytesMax`. */
  #acceptsFrom(first: Slot, bytesMax: number): Of<'accept'>[] {
    const proposals: Proposal[] = [];
    for (let total = 0; total < bytesMax; ) {
      const proposal = this.#proposals.get(first + proposals.length);
      if (proposal === undefined) break;
      proposals.push(proposal);
      total += proposal.bytes;
    }
    const messages: Of<'accept'>[] = [];
    const { ballot } = this;
    const decided = this.#learner.applied;
    let slot = first;
    for (const part of batchesOf(proposals, ({ bytes }) => bytes)) {
      const batches = part.map(({ batch }) => batch);
      messages.push({ type: 'accept', ballot, slot, batches, decided });
      slot += batches.length;
    }
    return messages;
  }

  #progressOf(node: NodeId): Progress {
    let progress = this.#progress.get(node);
    if (progress === undefined) {
      progress = { acknowledged: 0, sentAt: 0, delayMs: times.resendMsMin };
      this.#progress.set(node, progress);
    }
    return progress;
  }
}
