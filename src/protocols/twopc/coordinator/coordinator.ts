/**
 * The first node of the cluster: it takes requests, its own clients' and those that workers forward, and sees them
 * through. The algorithm is in `transactions.ts`; who takes part in `pool.ts` and `joins.ts`; reads in `reads.ts`. Here
 * they are wired: messages are handed out, and at the end of a turn deadlines are looked at, what waits may begin,
 * decisions are persisted and each worker gets its part.
 */

import { KvxError } from '../../../core/errors.js';
import type { Millis, NodeId } from '../../../core/ids.js';
import { invariant, PeerFault } from '../../../core/invariant.js';
import { nodesMax } from '../../../core/limits.js';
import type { AdminOperation, ClientRequest, ClientResult } from '../../../core/operation.js';
import { operationBytes } from '../../../core/operation-bytes.js';
import type { Rejoin } from '../../../core/replica.js';
import { badRequest, overloaded, timedOut, unavailable } from '../../../core/results.js';
import { ReservedNumbers } from '../../shared/reserved-numbers.js';
import {
  type Ctx,
  type Forwarded,
  type LineMessage,
  type Message,
  type Timer,
  type TwoPhaseCommit,
  toWorkers,
} from '../messages.js';
import { isReadOnly, taken } from '../operations.js';
import { bounds, type Times } from '../options.js';
import type { DurableRecord } from '../records.js';
import { Joins } from './joins.js';
import { type Member, type Origin, type Pending, Pool, respond } from './pool.js';
import { Queue } from './queue.js';
import { Reads } from './reads.js';
import { Transactions } from './transactions.js';

/** A request to add a node, answered when the node is in the pool. */
interface Addition {
  readonly origin: Origin;
  readonly node: NodeId;
  readonly deadline: Millis;
}

/** Its ids would come again, and pass for older than what is there. */
function journalLost(self: NodeId, worker: NodeId): KvxError {
  const message = `${self} has lost its journal: ${worker} knows of transactions that it does not`;
  const hint = `Put the data of ${self} back: only it knows what was decided.`;
  return new KvxError(message, { code: 'cluster', definite: true, hint });
}

export class Coordinator {
  readonly pool: Pool;
  /** Of transactions, reads, joins, and the lives of this node. */
  readonly ids = new ReservedNumbers<TwoPhaseCommit>(bounds.idsReserved, (id) => ({
    type: 'ceiling',
    id,
  }));
  readonly transactions: Transactions;
  readonly reads: Reads;
  readonly joins: Joins;
  readonly queue = new Queue();
  readonly self: NodeId;
  readonly #workers: readonly NodeId[];
  readonly #times: Times;
  #additions: Addition[] = [];
  #now: Millis = 0;
  #sweepIsDue = false;
  #sweepIsSet = false;

  /** `workers`: who they are when the cluster starts for the first time; later the journal knows better. */
  constructor(self: NodeId, workers: readonly NodeId[], times: Times) {
    this.self = self;
    this.#workers = workers;
    this.#times = times;
    this.pool = new Pool(times);
    this.transactions = new Transactions(this.pool, this.ids);
    this.reads = new Reads(this.pool, this.ids);
    this.joins = new Joins(this.pool, this.ids);
  }

  recover(record: DurableRecord): void {
    switch (record.type) {
      case 'ceiling':
        return this.ids.recover(record.id);
      case 'members':
        return this.pool.recover(record.generation, record.members);
      case 'committed':
      case 'ended':
        return this.transactions.recover(record);
      default:
        throw new Error(`a coordinator's journal holds a worker's record: ${record.type}`);
    }
  }

  onStart(ctx: Ctx, rejoin: Rejoin | null = null): void {
    invariant(rejoin === null, 'nobody but the coordinator knows what it had decided');
    this.#now = ctx.now;
    const epoch = this.ids.next(ctx);
    this.pool.begin(this.#workers, ctx);
    for (const member of this.pool.members) {
      member.epoch = epoch;
      member.lastHeard = ctx.now;
    }
    this.transactions.start();
    this.#beat(ctx);
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    const operation = taken(request.operation);
    this.#take({ worker: null, start: 0, number: request.id }, { ...request, operation }, ctx);
  }

  #take(origin: Origin, request: Pick<Forwarded, 'operation' | 'timeoutMs'>, ctx: Ctx): void {
    const { operation, timeoutMs } = request;
    const deadline = ctx.now + timeoutMs;
    if (operation.type === 'reconfigure') this.#reconfigure(origin, operation, deadline, ctx);
    else this.#serve({ origin, operation, bytes: operationBytes(operation), deadline }, ctx);
  }

  #serve(pending: Pending, ctx: Ctx): void {
    let taken = true;
    if (isReadOnly(pending.operation)) taken = this.reads.begin(pending, ctx);
    else if (this.queue.isEmptyFor(pending) && this.#mayBegin(pending)) {
      this.transactions.begin(pending, ctx);
    } else taken = this.queue.push(pending);
    if (!taken) respond(pending.origin, overloaded(this.self), this.pool, ctx);
  }

  readonly #mayBegin = (pending: Pending): boolean => {
    return !this.joins.holdsTransactions && this.transactions.hasRoomFor(pending);
  };

  #reconfigure(
    origin: Origin,
    { change, node }: Extract<AdminOperation, { type: 'reconfigure' }>,
    deadline: Millis,
    ctx: Ctx,
  ): void {
    const member = this.pool.get(node);
    if (node === this.self) {
      const what = change === 'add' ? 'in the cluster already' : 'the coordinator and stays it';
      respond(origin, badRequest(`${node} is ${what}`), this.pool, ctx);
    } else if (change === 'remove') {
      this.#removeWorker(origin, member, ctx);
    } else if (member === undefined && this.pool.size + 1 >= nodesMax) {
      respond(origin, badRequest(`a cluster has at most ${nodesMax} nodes`), this.pool, ctx);
    } else {
      if (member === undefined) this.pool.add(node, this.ids.next(ctx), ctx);
      this.#additions.push({ origin, node, deadline });
      this.#answerAdditions(ctx);
    }
  }

  #removeWorker(origin: Origin, member: Member | undefined, ctx: Ctx): void {
    const { voters } = this.pool;
    if (member?.inPool && voters.members.length === 1) {
      const why = `${member.node} is the last of the pool: only it has all the data`;
      respond(origin, badRequest(why), this.pool, ctx);
      return;
    }
    if (member !== undefined) {
      if (member.inPool) this.#leave(member, unavailable(`${member.node} is removed`), ctx);
      this.joins.lost(member, ctx);
      this.transactions.forget(member);
      this.pool.remove(member, ctx);
    }
    this.#done(origin, ctx);
  }

  #answerAdditions(ctx: Ctx): void {
    this.#additions = this.#additions.filter(({ origin, node, deadline }) => {
      const member = this.pool.get(node);
      if (member?.inPool) this.#done(origin, ctx);
      else if (member === undefined) {
        respond(origin, unavailable(`${node} was removed`), this.pool, ctx);
      } else if (deadline <= ctx.now) {
        const why = `${node} is added and has not caught up yet; it will by itself`;
        respond(origin, timedOut(why), this.pool, ctx);
      } else return true;
      return false;
    });
  }

  #done(origin: Origin, ctx: Ctx): void {
    const version = { stamp: this.ids.next(ctx), node: this.self };
    respond(origin, { type: 'done', version, existed: null }, this.pool, ctx);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    const member = this.pool.get(from);
    // A worker that was removed, or is not added yet: it gets no say and no answer.
    if (member === undefined) return;
    if (message.type === 'alive') this.#onAlive(member, message, ctx);
    else if (message.type === 'ask') this.#onAsk(member, message.ids, ctx);
    else if (message.type === 'seen') {
      member.line?.onSeen(message, this.#times.retryMs / 8, ctx);
    } else if ('line' in message) {
      if (toWorkers.has(message.type)) {
        throw new PeerFault(`${message.type} is not for the coordinator`);
      }
      if (!member.line?.accept(message.line, ctx.now)) return;
      member.lastHeard = ctx.now;
      this.#onLine(member, message, ctx);
    }
  }

  #onAlive(member: Member, alive: Extract<Message, { type: 'alive' }>, ctx: Ctx): void {
    const known = member.line?.start ?? 0;
    if (alive.holds > this.ids.last) {
      // Whom it has heard before in this life holds what it was given in this life, or before.
      if (alive.start === known) throw new PeerFault(`nobody has given out ${alive.holds}`);
      throw journalLost(this.self, member.node);
    }
    if (alive.start < known) {
      // Late; or somebody else has spoken of a later life, which the worker must go beyond to be heard.
      member.line?.greet(ctx);
      return;
    }
    if (alive.start > known && alive.holds < member.acknowledged) {
      if (!this.#startOver(member, ctx)) return;
    }
    if (ctx.now - member.lastHeard >= this.#times.suspicionMs) member.line?.hurry();
    member.lastHeard = ctx.now;
    if (alive.start > known) {
      this.joins.lost(member, ctx);
      member.connect(alive.start);
    }
    // Somebody else has made the worker follow a life of this node that never was.
    if (alive.epoch > member.epoch) this.#begin(member, alive, ctx);
    member.copied = alive.copied;
    if (alive.epoch !== member.epoch) this.#beatTo(member, ctx);
  }

  /** Another conversation with a worker, which it will take for a later one. */
  #begin(member: Member, { start, epoch }: Extract<Message, { type: 'alive' }>, ctx: Ctx): void {
    member.epoch = epoch + 1;
    this.joins.lost(member, ctx);
    member.connect(start);
  }

  /**
   * A worker has come back with less than it had acknowledged: it has to copy everything. False for the last of the
   * pool: then there is nobody to copy from, and it must answer nothing.
   */
  #startOver(member: Member, ctx: Ctx): boolean {
    if (member.inPool) {
      if (this.pool.voters.members.length === 1) return false;
      this.#leave(member, unavailable(`${member.node} has lost what it had acknowledged`), ctx);
    }
    this.transactions.forget(member);
    this.pool.startOver(member, ctx);
    return true;
  }

  /** Presumed abort: what is not known here was aborted, or all its voters know that it was committed. */
  #onAsk(member: Member, ids: readonly number[], ctx: Ctx): void {
    const commits: number[] = [];
    const aborts: number[] = [];
    for (const id of ids) {
      const outcome = this.transactions.outcomeOf(id);
      if (outcome === 'committed') commits.push(id);
      else if (outcome === 'aborted') aborts.push(id);
    }
    if (commits.length + aborts.length > 0)
      ctx.send(member.node, { type: 'tell', commits, aborts });
  }

  #onLine(member: Member, message: LineMessage, ctx: Ctx): void {
    switch (message.type) {
      case 'vote':
        for (const vote of message.votes) this.transactions.onVote(member, vote, ctx);
        return;
      case 'ack':
        return this.transactions.onAck(member, message.ids);
      case 'read-result':
        for (const { id, result } of message.results) this.reads.onResult(member, id, result, ctx);
        return;
      case 'forward':
        for (const request of message.requests) {
          const start = member.line?.start ?? 0;
          this.#take({ worker: member.node, start, number: request.number }, request, ctx);
        }
        return;
      case 'copy-nearly':
        return this.joins.onNearly(member, message.join, ctx);
      case 'caught-up':
        if (this.joins.onCaughtUp(member, message.join, ctx)) this.#answerAdditions(ctx);
        return;
      default:
        throw new Error(`${member.node} said ${message.type} to the coordinator`);
    }
  }

  onTimer(timer: Timer, ctx: Ctx): void {
    if (timer === 'heartbeat') this.#beat(ctx);
    else if (timer === 'sweep') {
      // Not now but at the end of the turn: a vote that waits to be taken in was not too late if we were.
      this.#sweepIsSet = false;
      this.#sweepIsDue = true;
    }
  }

  onTurnEnd(ctx: Ctx): void {
    this.#now = ctx.now;
    if (this.#sweepIsDue) this.#sweep(ctx);
    while (this.queue.size > 0) {
      const pending = this.queue.shift(this.#mayBegin);
      if (pending === null) break;
      this.transactions.begin(pending, ctx);
    }
    this.transactions.persist(this.#sweepIsDue, ctx);
    for (const member of this.pool.members) {
      member.flush(ctx);
      member.line?.confirm(!this.#sweepIsDue, ctx);
    }
    this.joins.finishIfStill(this.transactions.undecidedCount, ctx);
    this.#sweepIsDue = false;
    if (this.#sweepIsSet || !this.#isBusy) return;
    this.#sweepIsSet = true;
    ctx.setTimer('sweep', this.#times.sweepMs);
  }

  get #isBusy(): boolean {
    if (this.transactions.undecidedCount + this.reads.count + this.queue.size > 0) return true;
    if (this.#additions.length > 0 || this.joins.current !== null) return true;
    for (const { line } of this.pool.members) if (line?.isBusy) return true;
    return false;
  }

  #sweep(ctx: Ctx): void {
    this.transactions.expire((member, why) => this.#leave(member, why, ctx), ctx);
    for (const pending of this.queue.takeExpired(ctx.now)) {
      const result = unavailable('the transaction did not begin in time; nothing was sent');
      respond(pending.origin, result, this.pool, ctx);
    }
    this.reads.sweep(ctx);
    this.joins.sweep(ctx);
    this.#answerAdditions(ctx);
    for (const member of this.pool.members) {
      // To one who is silent nothing is repeated until it gives a sign of life.
      const silent = ctx.now - member.lastHeard >= this.#times.suspicionMs;
      if (!silent) member.line?.resendSilent(this.#times.retryMs, ctx);
    }
  }

  #leave(member: Member, why: ClientResult, ctx: Ctx): void {
    this.transactions.abortWith(member, why, ctx);
    this.pool.leave(member, this.ids.last, ctx);
    this.reads.leave(member, ctx);
    this.joins.lost(member, ctx);
  }

  #beat(ctx: Ctx): void {
    for (const member of this.pool.members) this.#beatTo(member, ctx);
    ctx.setTimer('heartbeat', this.#times.heartbeatMs);
    this.#sweepIsDue = true;
  }

  #beatTo(member: Member, ctx: Ctx): void {
    const pool = this.pool.voters.nodes;
    // Not unsynced: an epoch that a crash could take back would be used twice.
    ctx.send(member.node, {
      type: 'heartbeat',
      ...{ epoch: member.epoch, pool, heldByAll: this.#heldByAll(), last: this.ids.last },
    });
  }

  #heldByAll(): number {
    let upTo = this.transactions.settledUpTo;
    for (const { inPool, holdsUpTo } of this.pool.members) {
      if (!inPool) upTo = Math.min(upTo, holdsUpTo);
    }
    return upTo;
  }

  snapshot(): Iterable<DurableRecord> {
    // Copied now, not when it is drawn: `ended` records that follow must find the commits that they end.
    return [
      { type: 'ceiling', id: this.ids.ceiling },
      this.pool.record(),
      ...this.transactions.records(),
    ];
  }

  /** Of the last turn, for `inspect`, which has no clock. */
  get now(): Millis {
    return this.#now;
  }
}
