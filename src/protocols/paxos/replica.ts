/**
 * One node of mode `paxos`: a log replicated by multi-Paxos, and the state machine that executes it.
 *
 * The algorithm in one paragraph (Lamport 2001, section 3; van Renesse & Altinbuken 2015, PMMC): one node coordinates.
 * It has had a majority promise its ballot, for all slots at once, and has learned from them what may have been chosen
 * before. It puts what its clients want into the next slot, has a majority accept that, and so it is chosen; every node
 * executes the slots in order. When the coordinator falls silent another one takes a higher ballot and asks a majority:
 * since two majorities share an acceptor, it hears of everything that was chosen, and proposes that again.
 *
 * To read on, in this order: `messages.ts`, `acceptor.ts`, `coordinator/` (`scout.ts`, `commander.ts`, `coordinator.ts`)
 * and `learner/learner.ts`; then `election.ts` (who coordinates), `state/` (what is replicated: `state-machine.ts`,
 * `sessions.ts`, and `membership.ts`, who takes part), `clients/` (commands and reads), `coordinator/read-index.ts`,
 * `learner/catch-up.ts` and `transfer.ts` (nodes that were away), `records.ts` (crashes).
 *
 * This file wires them together: it hands every input to the part that it concerns, and sees to it that the node
 * coordinates one ballot at most and follows the highest it knows.
 */
import type { NodeId } from '../../core/ids.js';
import { InvariantError, unreachable } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import type { ClientRequest, ClientResult } from '../../core/operation.js';
import type { Rejoin, Replica, ReplicaSetup, ReplicaView } from '../../core/replica.js';
import { overloaded } from '../../core/results.js';
import { batchesOf } from '../shared/batches.js';
import { Acceptor } from './acceptor.js';
import { type Ballot, compareBallots, noBallot, Priorities, showBallot } from './ballot.js';
import { Reads, type Route, readFrom } from './clients/reads.js';
import { Requests } from './clients/requests.js';
import type { Command } from './command.js';
import { Coordinator } from './coordinator/coordinator.js';
import { Deafness } from './deaf.js';
import { Election } from './election.js';
import { tellBallot } from './events.js';
import { CatchUp } from './learner/catch-up.js';
import { Learner, type Observe } from './learner/learner.js';
import { Log } from './learner/log.js';
import { Transfers } from './learner/transfer.js';
import {
  type Ctx,
  type Message,
  messageShape,
  type Of,
  type Paxos,
  type Timer,
} from './messages.js';
import { Numbers } from './numbers.js';
import { bounds, type PaxosOptions } from './options.js';
import {
  captureState,
  type DurableRecord,
  itemBytes,
  recordShape,
  restoreItem,
} from './records.js';
import { StateMachine } from './state/state-machine.js';
import { viewOf } from './view.js';

const snapshotRecordBytes = 32 * 1024;

export class PaxosReplica implements Replica<Paxos> {
  readonly self: NodeId;
  readonly options: PaxosOptions;
  readonly learner: Learner;
  readonly acceptor: Acceptor;
  readonly election: Election;
  readonly catchUp: CatchUp;
  readonly transfers: Transfers;
  readonly requests: Requests;
  readonly reads: Reads;
  coordinator: Coordinator | null = null;
  #incarnation = 0;
  readonly #deafness = new Deafness();
  #firstMembers: readonly NodeId[];
  /** Of the last turn, for `inspect`, which has no clock. */
  now = 0;
  readonly #numbers = new Numbers();
  #closeSnapshot: () => void = () => {};
  #view: ReplicaView | null = null;
  /** The last one. */
  #route: Route | null = null;
  /** The newest heartbeat that was answered. */
  #answered: Pick<Of<'heartbeat'>, 'ballot' | 'probe'> = { ballot: noBallot, probe: 0 };

  /** `observe` sees every slot as it is executed, also during recovery: for tests. */
  constructor({ self, nodes, options }: ReplicaSetup<PaxosOptions>, observe: Observe = () => {}) {
    this.self = self;
    this.options = options;
    this.#firstMembers = options.members ?? nodes;
    const machine = new StateMachine(0, [{ from: 0, members: this.#firstMembers }]);
    this.learner = new Learner(new Log(), machine, {
      onExecuted: (command, result, ctx) => this.#onExecuted(command, result, ctx),
      observe,
    });
    this.acceptor = new Acceptor(this.learner, options.failRate);
    this.election = new Election(new Priorities(options.priority), this.learner, options);
    this.catchUp = new CatchUp(this.learner);
    this.requests = new Requests(this.learner);
    this.reads = new Reads(this.learner, this.acceptor);
    this.transfers = new Transfers(this.learner);
  }

  recover(record: DurableRecord): void {
    switch (record.type) {
      case 'started':
        this.#incarnation = Math.max(this.#incarnation, record.incarnation);
        this.#firstMembers = record.members;
        if (this.learner.applied > 0) break;
        return this.learner.machine.restoreMembership([{ from: 0, members: record.members }]);
      case 'rejoined':
        return this.#deafness.recover(record.after);
      case 'promised':
        return this.acceptor.recoverPromise(record.ballot);
      case 'accepted':
        this.learner.recoverDecided(record.decided);
        return this.acceptor.recoverAccepted(record.ballot, record.slot, record.batch);
      case 'learned':
        return this.learner.recoverLearned(record.slot, record.batches);
      case 'state':
        return this.learner.recoverState(record.slot, []);
      case 'items':
        for (const item of record.items) restoreItem(this.learner.machine, item);
        return;
      case 'staged':
        return this.catchUp.recover(record);
      default:
        unreachable(record, 'unknown record');
    }
  }

  onStart(ctx: Ctx, rejoin: Rejoin | null = null): void {
    // Commands of an earlier life may still be in somebody's log: no stamp of theirs comes again.
    this.#incarnation = Math.max(this.#incarnation + 1, rejoin?.incarnation ?? 0);
    if (rejoin !== null) this.#deafness.begin(rejoin, ctx);
    const incarnation = this.#incarnation;
    ctx.persist({ type: 'started', incarnation, members: this.#firstMembers });
    ctx.send(ctx.self, { type: 'started', incarnation });
    this.requests.start(ctx.self, incarnation);
    this.reads.start(incarnation);
    this.transfers.start(incarnation);
    this.election.see(this.acceptor.promised);
    this.election.start(ctx.now);
    if (ctx.decide !== undefined) this.learner.decideRecovered(ctx);
    this.onTimer('tick', ctx);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    if (!this.#numbers.admits(message, from, ctx) || this.#deafness.isDeafTo(message)) return;
    switch (message.type) {
      case 'canvass':
        return this.election.onCanvass(from, message, this.acceptor.promised, ctx);
      case 'endorse':
        if (this.election.onEndorse(from, message, ctx)) this.#stand(ctx);
        return;
      case 'prepare':
        return this.#onPrepare(from, message, ctx);
      case 'promise':
        return this.coordinator?.onPromise(from, message, ctx);
      case 'reject':
        return this.#onReject(message, ctx);
      case 'accept':
        return this.#onAccept(from, message, ctx);
      case 'accepted':
        return this.coordinator?.onAccepted(from, message, ctx);
      case 'heartbeat':
        return this.#onHeartbeat(from, message, ctx);
      case 'alive':
        return this.coordinator?.onAlive(from, message, ctx);
      case 'abdicate':
        return this.election.lose(message.ballot, ctx.now);
      case 'started':
        return this.requests.onStarted();
      case 'forward':
        return this.coordinator?.onForward(from, message, ctx);
      case 'refuse':
        return this.requests.onRefuse(message, ctx);
      case 'read-index':
        return this.coordinator?.onReadIndex(from, message, ctx);
      case 'read-at':
        return this.reads.onReadAt(message.number, message.slot);
      case 'fetch':
        return this.transfers.onFetch(from, message, ctx);
      case 'learn':
        return this.catchUp.onLearn(from, message, ctx);
      case 'fetch-chunk':
        return this.transfers.onFetchChunk(from, message, ctx);
      case 'chunk':
        if (this.catchUp.onChunk(from, message, ctx)) {
          // Who has come and gone meanwhile was not seen, so it is not known whose promises these still are.
          this.#resign(ctx);
          this.requests.onInstalled(ctx);
        }
        return;
      default:
        unreachable(message, 'unknown message');
    }
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    const { id, operation } = request;
    if (operation.type === 'get') this.#onGet(request, operation.key, ctx);
    else if (operation.type === 'stabilize') {
      throw new InvariantError('the catalogue has let stabilize through');
    } else if (this.#isFull) ctx.replyUnsynced(id, overloaded(ctx.self));
    else this.requests.onRequest(request, operation, ctx);
  }

  onTimer(timer: Timer, ctx: Ctx): void {
    if (timer === 'retransmit') this.coordinator?.onRetransmit(ctx);
    else {
      ctx.setTimer('tick', this.options.heartbeatMs);
      this.#onTick(ctx);
    }
  }

  onTurnEnd(ctx: Ctx): void {
    this.now = ctx.now;
    this.learner.advance(ctx);
    const { leader } = this.election;
    if (this.coordinator === null && leader !== null) {
      this.catchUp.want(this.learner.declared, leader.node);
    } else if (this.coordinator !== null) {
      const { scout } = this.coordinator;
      this.catchUp.want(scout.learnUpTo, scout.learnFrom);
    }
    const route = this.#routeAt(ctx.now);
    this.requests.onTurnEnd(route, ctx);
    this.reads.onTurnEnd(route, ctx);
    this.coordinator?.onTurnEnd(ctx);
    this.reads.answer(ctx);
    this.acceptor.onTurnEnd(ctx);
    this.catchUp.onTurnEnd(ctx);
    if (this.coordinator?.isRemoved(ctx.self)) {
      this.coordinator.abdicate(ctx);
      this.#resign(ctx);
    }
  }

  /**
   * The state at one slot, what is accepted above it, and what has come of another node's snapshot; all as they are
   * when the first record is drawn, which is not before the snapshot begins.
   */
  *snapshot(): Generator<DurableRecord> {
    // A snapshot that was given up half-way is not told so.
    this.#closeSnapshot();
    const { applied, log, machine } = this.learner;
    const state = captureState(machine);
    this.#closeSnapshot = state.close;
    const others: DurableRecord[] = [
      { type: 'started', incarnation: this.#incarnation, members: this.#firstMembers },
      ...this.#deafness.records(),
      { type: 'promised', ballot: this.acceptor.promised },
    ];
    for (const { slot, entry } of log.above(applied)) {
      const { ballot, batch } = entry;
      others.push({ type: 'accepted', ballot, slot, batch, decided: applied });
    }
    others.push(...this.catchUp.capture());
    yield { type: 'state', slot: applied };
    for (const items of batchesOf(state.items, itemBytes, snapshotRecordBytes)) {
      yield { type: 'items', items };
    }
    state.close();
    yield* others;
  }

  inspect(): ReplicaView {
    this.#view ??= viewOf(this);
    return this.#view;
  }

  get #isFull(): boolean {
    return this.requests.count + this.reads.count >= bounds.pendingMax;
  }

  #onTick(ctx: Ctx): void {
    const paused = this.election.wasPaused(ctx.now);
    this.requests.onTick(ctx);
    this.reads.onTick(ctx);
    this.transfers.onTick(ctx.now);
    if (this.coordinator !== null) {
      if (!this.coordinator.onTick(paused, ctx)) this.#resign(ctx);
      else if (this.coordinator.leads) this.election.follow(this.coordinator.ballot, ctx.now);
    } else if (this.#deafness.mayStand(this.learner.applied) && this.election.onTick(ctx)) {
      this.#stand(ctx);
    }
  }

  /** Leads a new ballot, if a majority lets it. */
  #stand(ctx: Ctx): void {
    if (this.coordinator !== null) return;
    this.election.spend();
    const ballot: Ballot = { round: this.election.nextRound, node: ctx.self };
    this.election.defer(ballot, ctx.now);
    ctx.decide?.(
      `who leads ballot ${showBallot(ballot)}`,
      `start ${this.#incarnation} of ${ctx.self}`,
    );
    this.coordinator = new Coordinator(ballot, this, ctx);
  }

  /** Commands that came here wait for the next coordinator; those that came from elsewhere will be sent again. */
  #resign(ctx: Ctx): void {
    if (this.coordinator === null) return;
    tellBallot('steps down', this.coordinator.ballot, ctx);
    this.election.lose(this.coordinator.ballot, ctx.now);
    this.coordinator = null;
    ctx.cancelTimer('retransmit');
  }

  /** Whoever's ballot is higher coordinates, or tries to. */
  #yieldTo(ballot: Ballot, ctx: Ctx): void {
    this.election.see(ballot);
    if (this.coordinator === null) return;
    if (compareBallots(ballot, this.coordinator.ballot) > 0) this.#resign(ctx);
  }

  #onPrepare(from: NodeId, message: Of<'prepare'>, ctx: Ctx): void {
    const before = this.acceptor.promised;
    this.acceptor.onPrepare(from, message, ctx);
    if (compareBallots(this.acceptor.promised, before) === 0) return;
    this.#yieldTo(message.ballot, ctx);
    this.election.defer(message.ballot, ctx.now);
  }

  #onReject({ ballot, promised }: Of<'reject'>, ctx: Ctx): void {
    this.election.see(promised);
    const own = this.coordinator?.ballot;
    if (own !== undefined && compareBallots(own, ballot) === 0) this.#yieldTo(promised, ctx);
  }

  #onAccept(from: NodeId, message: Of<'accept'>, ctx: Ctx): void {
    if (!this.acceptor.onAccept(from, message, ctx)) return;
    this.#followLeader(message.ballot, message.decided, ctx);
  }

  #onHeartbeat(from: NodeId, message: Of<'heartbeat'>, ctx: Ctx): void {
    const { ballot, probe, decided, settled } = message;
    const { promised } = this.acceptor;
    if (compareBallots(ballot, promised) < 0) {
      return ctx.send(from, { type: 'reject', ballot, promised });
    }
    this.acceptor.promise(ballot, ctx);
    this.#followLeader(ballot, decided, ctx);
    this.learner.settle(settled);
    const answered = this.#answered;
    if (compareBallots(answered.ballot, ballot) === 0 && answered.probe >= probe) return;
    this.#answered = { ballot, probe };
    const { applied, machine } = this.learner;
    const alive: Message = { type: 'alive', ballot, probe, decided: applied };
    // A change of members is answered once all know durably that it is in force.
    if (settled + 1 < machine.membership.newestFrom) ctx.send(from, alive);
    else ctx.sendUnsynced(from, alive);
  }

  #followLeader(ballot: Ballot, decided: number, ctx: Ctx): void {
    this.#yieldTo(ballot, ctx);
    if (this.election.follow(ballot, ctx.now)) tellBallot('follows', ballot, ctx);
    this.learner.declare(ballot, decided, ctx);
  }

  #onExecuted(command: Command, result: ClientResult, ctx: Ctx): void {
    this.coordinator?.onExecuted(command, this.learner.applied + 1);
    this.requests.onExecuted(command, result, ctx);
  }

  #onGet({ id, level, timeoutMs }: ClientRequest, key: Key, ctx: Ctx): void {
    const at = level ?? this.options.read;
    if (at === 'local') ctx.replyUnsynced(id, readFrom(this.learner.machine, key));
    else if (this.#isFull) ctx.replyUnsynced(id, overloaded(ctx.self));
    else this.reads.onRequest({ id, key, deadline: ctx.now + timeoutMs }, at === 'linearizable');
  }

  #routeAt(now: number): Route | null {
    const own = this.coordinator;
    if (own !== null) return own.leads ? this.#routeTo(own.ballot, own) : null;
    const { leader } = this.election;
    if (leader === null || leader.node === this.self || !this.election.isLeaderLive(now))
      return null;
    return this.#routeTo(leader, null);
  }

  /** Mostly the same, turn after turn. */
  #routeTo(ballot: Ballot, own: Coordinator | null): Route {
    const last = this.#route;
    if (last !== null && last.ballot === ballot && last.own === own) return last;
    this.#route = { ballot, node: ballot.node, own };
    return this.#route;
  }
}

export const paxosProtocol = {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<PaxosOptions>) => new PaxosReplica(setup),
};
