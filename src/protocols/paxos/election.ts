/**
 * Who should coordinate, and when to try. Safety rests on none of this: two candidates at a time cost time, no more
 * (Lamport 2001, section 2.4: "to guarantee progress, a distinguished proposer must be selected").
 *
 * 1. Every node has a priority; the live one with the highest coordinates. A coordinator sends heartbeats. When it has
 *    been silent for `suspicionMs`, the next in priority tries at once, the one after it `staggerMs` later, and so on.
 * 2. A node that hears a coordinator of lower priority tries as soon as it has caught up with it.
 * 3. Before it sends a Prepare, which would depose whoever leads, a node *canvasses* (the pre-vote of Ongaro's thesis,
 *    section 9.6). It goes on when a majority of the members endorses it: so it hears a majority and is heard by one,
 *    which a node behind a broken link is not.
 * 4. A node endorses a member, unless it hears from a live coordinator that is of the same or higher priority, or the
 *    candidate lacks much of what it knows to be chosen itself: then somebody who has more should go first, for
 *    nothing can be served before the candidate has caught up.
 *
 * A node that was itself stopped (SIGSTOP, a long collection) wakes up to find everybody silent for as long as it
 * slept; it notices the gap between its own ticks and gives the coordinator its time anew.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { type Ballot, compareBallots, noBallot, type Priorities } from './ballot.js';
import type { Learner } from './learner/learner.js';
import type { Ctx, Of } from './messages.js';
import { bounds, type PaxosOptions } from './options.js';
import { hasMajority } from './state/membership.js';

export class Election {
  readonly #priorities: Priorities;
  readonly #learner: Learner;
  readonly #options: PaxosOptions;
  /** Whom this node follows; its own ballot when it leads. */
  #leader: Ballot = noBallot;
  #heardAt: Millis = 0;
  #followsSince: Millis = 0;
  #nextTryAt: Millis = 0;
  #failures = 0;
  #patienceMs: Millis = 0;
  #highestRound = 0;
  #lastTick: Millis = 0;
  readonly #endorsedAt = new Map<NodeId, Millis>();

  constructor(priorities: Priorities, learner: Learner, options: PaxosOptions) {
    this.#priorities = priorities;
    this.#learner = learner;
    this.#options = options;
  }

  /** Nobody is known to lead, so the highest need not wait. */
  start(now: Millis): void {
    this.#lastTick = now;
    this.#heardAt = now - this.#options.suspicionMs;
  }

  /** Whom this node follows, as long as it has not given them up. */
  get leader(): Ballot | null {
    return this.#leader === noBallot ? null : this.#leader;
  }

  /** A round above all that this node has heard of. */
  get nextRound(): number {
    return this.#highestRound + 1;
  }

  see(ballot: Ballot): void {
    this.#highestRound = Math.max(this.#highestRound, ballot.round);
  }

  /** To be called in every tick: true when this node seems to have been stopped since the last one. */
  wasPaused(now: Millis): boolean {
    const gap = now - this.#lastTick;
    this.#lastTick = now;
    if (gap <= 3 * this.#options.heartbeatMs) return false;
    this.#heardAt = Math.max(this.#heardAt, now - this.#options.suspicionMs / 2);
    this.#endorsedAt.clear();
    return true;
  }

  /** A sign of life of whoever leads `ballot`. True when it is news that they do. */
  follow(ballot: Ballot, now: Millis): boolean {
    this.see(ballot);
    const order = compareBallots(ballot, this.#leader);
    if (order < 0) return false;
    if (order > 0) this.#followsSince = now;
    this.#leader = ballot;
    this.#heardAt = now;
    this.#failures = 0;
    return order > 0;
  }

  /** A promise was given: its candidate gets as much time as a coordinator. */
  defer(ballot: Ballot, now: Millis): void {
    this.see(ballot);
    if (compareBallots(ballot, this.#leader) > 0) this.#leader = noBallot;
    this.#heardAt = now;
  }

  /** The coordinator has said that it goes, or this node has ceased to be it. */
  lose(ballot: Ballot, now: Millis): void {
    if (compareBallots(ballot, this.#leader) < 0) return;
    this.#leader = noBallot;
    this.#heardAt = now - this.#options.suspicionMs;
    this.#nextTryAt = now;
  }

  isLeaderLive(now: Millis): boolean {
    return this.#leader !== noBallot && now - this.#heardAt < this.#options.suspicionMs;
  }

  /** Canvasses when it is time to. True when this node may go ahead at once, for it is all there is. */
  onTick(ctx: Ctx): boolean {
    const { machine, applied } = this.#learner;
    const silentMs = ctx.now - this.#heardAt;
    // Whoever was forwarded to in vain must not be forwarded to for ever.
    if (silentMs >= 2 * this.#options.suspicionMs) this.#leader = noBallot;
    if (!machine.membership.from(applied + 1).includes(ctx.self)) return false;
    if (ctx.now < this.#nextTryAt || !this.#isMyTurn(silentMs, ctx)) return false;
    this.#endorsedAt.set(ctx.self, ctx.now);
    ctx.tell({ what: 'asks for votes', detail: 'no leader is heard' });
    for (const node of machine.membership.from(applied + 1)) {
      if (node !== ctx.self) ctx.sendUnsynced(node, { type: 'canvass', decided: applied });
    }
    const factor = 2 ** Math.min(this.#failures, 3) * (1 + ctx.random.next());
    this.#nextTryAt = ctx.now + 2 * this.#options.heartbeatMs * factor;
    this.#patienceMs = ctx.random.below(this.#options.heartbeatMs + 1);
    this.#failures += 1;
    return this.#isEndorsed(ctx.now);
  }

  onCanvass(from: NodeId, { decided }: Of<'canvass'>, promised: Ballot, ctx: Ctx): void {
    const { applied } = this.#learner;
    const granted = this.#endorses(from, decided, ctx);
    ctx.sendUnsynced(from, { type: 'endorse', granted, promised, decided: applied });
  }

  /** True when that makes a majority. */
  onEndorse(from: NodeId, { granted, promised }: Of<'endorse'>, ctx: Ctx): boolean {
    this.see(promised);
    if (!granted) {
      this.#endorsedAt.delete(from);
      return false;
    }
    this.#endorsedAt.set(from, ctx.now);
    return this.#isMyTurn(ctx.now - this.#heardAt, ctx) && this.#isEndorsed(ctx.now);
  }

  /** The endorsements are spent. */
  spend(): void {
    this.#endorsedAt.clear();
  }

  #isMyTurn(silentMs: Millis, ctx: Ctx): boolean {
    const { node } = this.#leader;
    if (this.isLeaderLive(ctx.now)) {
      const { applied, declared } = this.#learner;
      const isSettledIn = ctx.now - this.#followsSince >= 2 * this.#options.heartbeatMs;
      const isHigher = node !== ctx.self && this.#priorities.isHigher(ctx.self, node);
      return isHigher && isSettledIn && applied + bounds.alpha >= declared;
    }
    const rank = this.#rank(ctx.self, node);
    return (
      silentMs >=
      this.#options.suspicionMs + rank * 2 * this.#options.heartbeatMs + this.#jitter(rank)
    );
  }

  #jitter(rank: number): Millis {
    return rank === 0 ? 0 : this.#patienceMs;
  }

  /** How many members are ahead of this one, whoever is silent left out. */
  #rank(self: NodeId, silent: NodeId): number {
    const members = this.#learner.machine.members.filter((node) => node !== silent);
    return Math.max(0, this.#priorities.sort(members).indexOf(self));
  }

  #endorses(candidate: NodeId, decided: number, ctx: Ctx): boolean {
    const { machine, applied, declared } = this.#learner;
    if (!machine.membership.from(applied + 1).includes(candidate)) return false;
    if (!this.isLeaderLive(ctx.now)) return decided + 4 * bounds.alpha >= applied;
    const { node } = this.#leader;
    if (node === candidate) return true;
    return this.#priorities.isHigher(candidate, node) && decided + 2 * bounds.alpha >= declared;
  }

  /** By a majority of the members in force, and of those about to be. */
  #isEndorsed(now: Millis): boolean {
    const { machine, applied } = this.#learner;
    const agrees = (node: NodeId) =>
      now - (this.#endorsedAt.get(node) ?? Number.NEGATIVE_INFINITY) <
      2 * this.#options.suspicionMs;
    const next = machine.membership.nextAfter(applied + 1);
    if (next !== null && !hasMajority(next.members, agrees)) return false;
    return hasMajority(machine.members, agrees);
  }
}
