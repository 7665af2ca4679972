/**
 * The coordinator: one node leading one ballot, from its first Prepare until somebody else leads a higher one
 * (the *leader* of PMMC, section 2.5; the *distinguished proposer* of Lamport 2001, section 3).
 *
 * 1. Its scout runs phase 1. Once it covers the members of the next slot, and this node has executed all that any of
 *    the promises knows, this node leads.
 * 2. It proposes again what was reported, slot by slot, and *no-ops* in the gaps between (Lamport, section 3).
 * 3. The first slot above all these it fills itself, if need be with a no-op: when that is chosen, it knows everything
 *    that was chosen before it came.
 * 4. From then on the commands of each turn become one batch in the next slot. At most `inFlightMax` of them wait for
 *    a majority, so that batches grow when there is much to do; nothing is proposed α or more slots ahead.
 *
 * It resigns when its own acceptor has promised somebody else, when a majority of the members has been silent (others
 * can't hear it either, or it can't hear them), or when it is no member any more.
 */
import type { Millis, NodeId } from '../../../core/ids.js';
import { type ErrorResult, overloaded } from '../../../core/results.js';
import { few, type Work } from '../../shared/unsettled.js';
import type { Acceptor } from '../acceptor.js';
import { type Ballot, compareBallots, showBallot } from '../ballot.js';
import type { Batch, Command, Slot } from '../command.js';
import { tellBallot } from '../events.js';
import type { Learner } from '../learner/learner.js';
import type { Ctx, Of } from '../messages.js';
import { bounds, type PaxosOptions, times } from '../options.js';
import { hasMajority } from '../state/membership.js';
import { Commander } from './commander.js';
import { type Beat, Heartbeats } from './heartbeats.js';
import { JoinWait } from './join.js';
import { Peers } from './peers.js';
import { CommandQueue } from './queue.js';
import { type Answer, ReadIndex } from './read-index.js';
import { Scout } from './scout.js';

type ReadQuestion = Omit<Of<'read-index'>, 'type'>;

/** Of the replica. */
interface Parts {
  readonly learner: Learner;
  readonly acceptor: Acceptor;
  readonly options: PaxosOptions;
  /** Takes the slots from which this node may read; those for others are sent. */
  readonly reads: { onReadAt(number: number, slot: Slot): void };
}

export class Coordinator {
  readonly scout: Scout;
  readonly ballot: Ballot;
  readonly #learner: Learner;
  readonly #commander: Commander;
  readonly #peers: Peers;
  readonly #heartbeats: Heartbeats;
  readonly #reads = new ReadIndex();
  readonly #queue = new CommandQueue();
  readonly #joining: JoinWait;
  readonly #parts: Parts;
  #leads = false;
  /** The first slot that this ballot filled with something of its own; 0 before. */
  #firstOwn: Slot = 0;
  /** Commands of others wait for a slot. */
  #holdsForwarded = false;
  /** When the last promise came, or the last slot that had to be learned. */
  #progressAt: Millis = 0;
  #progressSlot: Slot = 0;
  #timerIsSet = false;
  /** The others of these members, while nobody comes or goes. */
  #othersOf: readonly NodeId[] = [];
  #steadyOthers: readonly NodeId[] = [];
  #batchCount = 0;
  #commandCount = 0;

  constructor(ballot: Ballot, parts: Parts, ctx: Ctx) {
    this.ballot = ballot;
    this.#learner = parts.learner;
    this.#parts = parts;
    this.scout = new Scout(ballot.node);
    this.#commander = new Commander(ballot, parts.learner, parts.acceptor);
    this.#heartbeats = new Heartbeats(ballot);
    this.#peers = new Peers(ctx.self, parts.options.suspicionMs, ctx.now);
    this.#joining = new JoinWait(parts.learner, this.#peers, this.#queue);
    this.#progressAt = ctx.now;
    tellBallot('stands for election', ballot, ctx);
    parts.acceptor.promise(ballot, ctx);
    this.#prepare(ctx);
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** Commands here that are not settled, and live members that lack something. */
  unsettled(now: Millis): readonly Work[] {
    if (!this.#leads) return [[1, `has no majority for ballot ${showBallot(this.ballot)} yet`]];
    const { node } = this.#joining;
    const { inFlight } = this.#commander;
    const { applied, machine } = this.#learner;
    const lagging = this.#peers.lagging(machine.membership.from(applied + 1), applied, now);
    return [
      [this.#queue.size, `commands that wait for a slot: ${this.#queue.size}`],
      [inFlight, `proposed, not chosen: ${inFlight}`],
      [node === null ? 0 : 1, `${node} has to catch up before it is added`],
      [lagging.length, few(lagging, (member) => `${member} lacks slots that are chosen`)],
    ];
  }

  get facts(): readonly (readonly [string, number])[] {
    const mean = this.#batchCount === 0 ? 0 : this.#commandCount / this.#batchCount;
    return [
      ['in flight', this.#commander.inFlight],
      ['queue', this.#queue.size],
      ['batches', this.#batchCount],
      ['commands a batch', Math.round(mean * 10) / 10],
    ];
  }

  suspects(now: Millis): NodeId[] {
    return this.#others(now).filter((node) => !this.#peers.isLive(node, now));
  }

  onPromise(from: NodeId, message: Of<'promise'>, ctx: Ctx): void {
    if (compareBallots(message.ballot, this.ballot) !== 0) return;
    if (this.scout.onPromise(from, message)) this.#progressAt = ctx.now;
  }

  onAccepted(from: NodeId, message: Of<'accepted'>, ctx: Ctx): void {
    if (compareBallots(message.ballot, this.ballot) !== 0) return;
    this.#commander.onAccepted(from, message, ctx.now);
  }

  onAlive(from: NodeId, message: Of<'alive'>, ctx: Ctx): void {
    if (compareBallots(message.ballot, this.ballot) !== 0) return;
    this.#heartbeats.onAnswer(from, this.#peers.probeOf(from), message.probe);
    this.#peers.onAlive(from, message, ctx.now);
  }

  /** Who asks and has promised nobody else is one of the majority that a confirmed answer waits for. */
  onReadIndex(from: NodeId, question: ReadQuestion, ctx: Ctx): void {
    if (!this.#leads) return;
    const { number, confirmed, promised } = question;
    const agrees = compareBallots(promised, this.ballot) === 0 ? from : ctx.self;
    const isFree = !confirmed || this.#isMajority((node) => node === ctx.self || node === agrees);
    if (!isFree || this.#firstOwn === 0) this.#reads.ask(from, number);
    else {
      this.#heartbeats.awaits(this.#readSlot());
      this.#answer({ from, number, slot: this.#readSlot() }, ctx);
    }
  }

  /** Whoever forwards to a node that does not lead will hear who does, and sends again. */
  onForward(from: NodeId, { commands }: Of<'forward'>, ctx: Ctx): void {
    if (!this.#leads) return;
    this.#holdsForwarded = true;
    // Some may have a slot already.
    this.#heartbeats.awaits(Math.max(this.#commander.lastProposed, this.#learner.applied));
    for (const command of commands) {
      const refusal = this.offer(command, ctx);
      if (refusal === null) continue;
      const { code, message } = refusal;
      const stamps = [{ client: command.client, sequence: command.sequence }];
      ctx.send(from, { type: 'refuse', stamps, code, message });
    }
  }

  /** Takes a command into the log's queue, unless it is there already. Returns why not, or `null`. */
  offer(command: Command, ctx: Ctx): ErrorResult | null {
    const { client, sequence, operation } = command;
    if (this.#learner.machine.sessions.recall(client, sequence) !== null) return null;
    if (operation.type === 'reconfigure') return this.#joining.offer(command, ctx.now);
    return this.#queue.offer(command) === 'full' ? overloaded(this.ballot.node) : null;
  }

  onExecuted(command: Command, slot: Slot): void {
    this.#queue.onExecuted(command);
    const { operation } = command;
    if (operation.type !== 'reconfigure') return;
    this.#heartbeats.awaits(slot);
    if (operation.change === 'add') return;
    // Should it come back it may have forgotten what it promised.
    if (operation.node !== this.ballot.node) this.scout.forgetPromise(operation.node, slot);
  }

  /** False when it should resign. */
  onTick(paused: boolean, ctx: Ctx): boolean {
    if (paused) this.#peers.giveTimeAnew(ctx.now);
    if (this.#isStuck(ctx.now)) return false;
    if (!this.#leads) return true;
    const { machine } = this.#learner;
    if (!this.#peers.majorityLives(machine.members, ctx.now)) return false;
    // Also of those who are not needed: what they have accepted and nobody else has is settled by that.
    this.#prepare(ctx);
    this.#askAll(ctx);
    return true;
  }

  onRetransmit(ctx: Ctx): void {
    this.#timerIsSet = false;
    if (!this.#leads) this.#prepare(ctx);
    const { machine, applied } = this.#learner;
    this.#heartbeats.awaits(applied);
    const members = machine.membership.from(applied + 1);
    const live = members.filter((node) => this.#peers.isLive(node, ctx.now));
    this.#commander.resend(live, ctx);
    if (this.#asksFew) this.#askAll(ctx);
  }

  onTurnEnd(ctx: Ctx): void {
    this.#commander.decide(ctx);
    if (!this.#leads) this.#tryToLead(ctx);
    if (this.#leads) this.#lead(ctx);
    const hasToldAll = this.#leads && this.#heartbeats.hasTold(this.#learner.applied);
    const isIdle = hasToldAll && this.#commander.inFlight === 0 && !this.#asksFew;
    if (this.#timerIsSet || isIdle) return;
    this.#timerIsSet = true;
    ctx.setTimer('retransmit', times.retransmitMs);
  }

  /** True once this node has executed that it is no member any more; whoever is about to become one may lead. */
  isRemoved(self: NodeId): boolean {
    const { machine } = this.#learner;
    return this.#leads && !machine.membership.from(machine.applied + 1).includes(self);
  }

  abdicate(ctx: Ctx): void {
    for (const node of this.#others(ctx.now))
      ctx.send(node, { type: 'abdicate', ballot: this.ballot });
  }

  /**
   * Promises that do not come, or one that knows of slots which nobody can teach, because who gave it is gone: another
   * ballot may do without it.
   */
  #isStuck(now: Millis): boolean {
    const { applied } = this.#learner;
    if (this.#progressSlot < applied) this.#progressAt = now;
    this.#progressSlot = applied;
    if (this.#leads && applied >= this.scout.learnUpTo) this.#progressAt = now;
    return now - this.#progressAt >= 2 * this.#parts.options.suspicionMs;
  }

  #tryToLead(ctx: Ctx): void {
    const { applied, machine } = this.#learner;
    if (applied < this.scout.learnUpTo || !this.scout.covers(machine.members)) return;
    this.#leads = true;
    tellBallot('leads', this.ballot, ctx);
    this.#peers.giveTimeAnew(ctx.now);
    this.#heartbeats.awaits(applied);
  }

  #lead(ctx: Ctx): void {
    const { applied } = this.#learner;
    this.#joining.advance(ctx);
    this.#propose(ctx);
    const others = this.#others(ctx.now);
    const settled = this.#peers.settled(others, applied, ctx.now);
    const sent = this.#commander.send(others, ctx);
    if (sent) this.#heartbeats.noteTold(applied);
    const beat = { others, decided: applied, settled };
    if (this.#mayBeginRead) this.#beginRead(beat, ctx);
    else if (this.#heartbeats.isAwaited(applied)) this.#heartbeats.tell(beat, ctx);
    this.#answerReads(ctx);
    this.#learner.settle(settled);
  }

  #propose(ctx: Ctx): void {
    const { applied, machine } = this.#learner;
    // A late promise may know of slots that this node must learn first.
    if (applied < this.scout.learnUpTo) return;
    let slot = Math.max(this.#commander.lastProposed, applied) + 1;
    for (; slot < applied + 1 + bounds.alpha; slot++) {
      if (!this.scout.covers(machine.membership.at(slot))) break;
      const batch = this.#batchFor(slot, ctx);
      if (batch === null) break;
      this.#commander.propose(slot, batch);
      this.#batchCount += 1;
      this.#commandCount += batch.commands.length;
      this.scout.forget(slot);
    }
    if (!this.#holdsForwarded) return;
    this.#heartbeats.awaits(this.#commander.lastProposed);
    this.#holdsForwarded = this.#queue.size > 0;
  }

  #batchFor(slot: Slot, ctx: Ctx): Batch | null {
    if (slot <= this.scout.adoptedUpTo) return this.scout.valueFor(slot) ?? noOp(ctx);
    if (this.#firstOwn === 0) {
      this.#firstOwn = slot;
      return this.#queue.take(ctx.self) ?? noOp(ctx);
    }
    // A change of membership comes into force as slots go by, whether or not there are commands for them.
    if (this.#learner.machine.membership.nextAfter(slot) !== null) {
      return this.#queue.take(ctx.self) ?? noOp(ctx);
    }
    return this.#commander.inFlight < bounds.inFlightMax ? this.#queue.take(ctx.self) : null;
  }

  #prepare(ctx: Ctx): void {
    const { applied } = this.#learner;
    if (!this.scout.hasPromised(ctx.self)) this.#parts.acceptor.answerOwn(ctx);
    for (const node of this.#others(ctx.now)) {
      if (this.scout.hasPromised(node) || node === this.#joining.node) continue;
      ctx.send(node, { type: 'prepare', ballot: this.ballot, decided: applied });
    }
  }

  #askAll(ctx: Ctx): void {
    const others = this.#others(ctx.now);
    const { applied: decided } = this.#learner;
    const settled = this.#peers.settled(others, decided, ctx.now);
    this.#heartbeats.askAll({ others, decided, settled }, ctx);
  }

  /** Reads wait for the answers of a few, who may be silent. */
  get #asksFew(): boolean {
    return this.#reads.roundCount > 0 && this.#heartbeats.hasAskedFew;
  }

  get #mayBeginRead(): boolean {
    if (!this.#reads.isWaiting || this.#firstOwn === 0) return false;
    return this.#reads.roundCount < bounds.readRoundsMax;
  }

  #beginRead(beat: Beat, ctx: Ctx): void {
    const slot = this.#readSlot();
    if (this.#reads.isAskedByOthersThan(this.ballot.node)) this.#heartbeats.awaits(slot);
    this.#heartbeats.askEnough(beat, ctx);
    this.#reads.begin(this.#heartbeats.probe, slot);
  }

  #readSlot(): Slot {
    return Math.max(this.#learner.applied, this.#firstOwn);
  }

  #answerReads(ctx: Ctx): void {
    if (this.#reads.roundCount === 0) return;
    const answers = this.#reads.settle((probe) =>
      this.#isMajority((node) => node === ctx.self || this.#peers.probeOf(node) >= probe),
    );
    for (const answer of answers) this.#answer(answer, ctx);
  }

  /** Of the members in force and, when others are about to be, of those, too. */
  #isMajority(agrees: (node: NodeId) => boolean): boolean {
    const { machine, applied } = this.#learner;
    if (!hasMajority(machine.members, agrees)) return false;
    const next = machine.membership.nextAfter(applied + 1);
    return next === null || hasMajority(next.members, agrees);
  }

  #answer({ from, number, slot }: Answer, ctx: Ctx): void {
    if (from === ctx.self) this.#parts.reads.onReadAt(number, slot);
    else ctx.sendUnsynced(from, { type: 'read-at', number, slot });
  }

  /** Everybody but this node who takes part, is about to, wants to, or has still to hear that it does no more. */
  #others(now: Millis): readonly NodeId[] {
    const { membership, applied } = this.#learner.machine;
    const members = membership.from(applied + 1);
    const { node: newcomer } = this.#joining;
    const isSteady = newcomer === null && membership.departed.length === 0;
    if (isSteady && members === this.#othersOf) return this.#steadyOthers;
    const others = members.filter((node) => node !== this.ballot.node);
    if (isSteady) {
      this.#othersOf = members;
      this.#steadyOthers = others;
      return others;
    }
    if (newcomer !== null && !others.includes(newcomer)) others.push(newcomer);
    for (const node of membership.departed) {
      const hasHeard = this.#peers.decidedOf(node) >= membership.newestFrom;
      const isGone = hasHeard || !this.#peers.isLive(node, now) || node === this.ballot.node;
      if (!isGone && !others.includes(node)) others.push(node);
    }
    return others;
  }
}

function noOp({ self }: Ctx): Batch {
  return { proposer: self, commands: [] };
}
