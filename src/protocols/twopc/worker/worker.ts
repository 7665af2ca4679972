/**
 * Every node but the first: it holds a full copy, votes, reads for others, and forwards what its own clients ask. The
 * algorithm is in `participant.ts` and `termination.ts`; here messages are handed out, and the end of a turn sends what
 * was gathered.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import { PeerFault } from '../../../core/invariant.js';
import type { ClientRequest } from '../../../core/operation.js';
import type { Rejoin } from '../../../core/replica.js';
import { unavailable } from '../../../core/results.js';
import { batchesOf } from '../../shared/batches.js';
import { Line } from '../line.js';
import { type Ctx, type LineMessage, type Message, type Timer, toWorkers } from '../messages.js';
import { bytesOfResult } from '../operations.js';
import { bounds, type Times } from '../options.js';
import type { DurableRecord, TransactionId } from '../records.js';
import { CopySource } from './copy-source.js';
import { CopyTarget } from './copy-target.js';
import { Forwards } from './forwards.js';
import { Participant } from './participant.js';
import { drawSnapshot } from './snapshot.js';
import { Termination } from './termination.js';

/** The greatest transaction that a worker would keep something of; 0: the message names none. */
function greatestId(message: Message): TransactionId {
  switch (message.type) {
    case 'vote-request':
      return message.transactions.reduce((most, { id }) => Math.max(most, id), 0);
    case 'ask':
      return message.ids.reduce((most, id) => Math.max(most, id), 0);
    case 'copy':
      return message.entries.reduce((most, { version }) => Math.max(most, version.stamp), 0);
    case 'join-start':
      return message.join;
    default:
      return 0;
  }
}

const ownParts = { Participant, Forwards, Termination };
/** The classes that a worker is made of: others in their place make it behave otherwise. */
export type WorkerParts = typeof ownParts;

export class Worker {
  readonly participant: Participant;
  readonly forwards: Forwards;
  readonly source: CopySource;
  readonly target: CopyTarget;
  readonly coordinator: NodeId;
  readonly self: NodeId;
  readonly #times: Times;
  readonly #termination: Termination;
  /** Which life of this worker; durable before anybody hears of it. */
  #start = 0;
  /** `null` until the coordinator has been heard of. */
  #line: Line | null = null;
  #coordinatorHeard: Millis = 0;
  #silenceHandled = false;
  /** Of a coordinator that has lost its journal. */
  #lostEpoch = 0;
  /** The greatest id that the coordinator is known to have given out. */
  #given = 0;
  #pool: readonly NodeId[];
  #now: Millis = 0;
  #sweepIsDue = false;
  #sweepIsSet = false;
  /** Commits that were heard: acknowledged when they are durable. */
  #unacknowledged: TransactionId[] = [];

  constructor(
    self: NodeId,
    nodes: readonly NodeId[],
    times: Times,
    parts: Partial<WorkerParts> = {},
  ) {
    const made = { ...ownParts, ...parts };
    this.self = self;
    this.coordinator = nodes[0] as NodeId;
    this.#times = times;
    this.#pool = nodes.slice(1);
    this.participant = new made.Participant(self, this.coordinator);
    this.forwards = new made.Forwards(this.coordinator);
    this.source = new CopySource(this.participant.store, times);
    this.target = new CopyTarget(this.participant);
    this.#termination = new made.Termination(this.participant, self, this.coordinator, times);
  }

  recover(record: DurableRecord): void {
    if (record.type === 'started') this.#start = Math.max(this.#start, record.start);
    else this.participant.recover(record);
  }

  /** One that has lost its journal knows nothing until it has copied, and says nothing of what it may have voted. */
  onStart(ctx: Ctx, rejoin: Rejoin | null = null): void {
    this.#start = Math.max(this.#start + 1, rejoin?.incarnation ?? 0);
    ctx.persist({ type: 'started', start: this.#start });
    if (rejoin !== null) this.participant.forgetAll(ctx);
    this.#now = ctx.now;
    this.#coordinatorHeard = ctx.now;
    this.participant.onStart(ctx.now);
    this.#given = this.participant.holds;
    this.#sweepIsDue = true;
    this.#showLife(ctx);
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    if (this.coordinatorIsLost) {
      const why = `the coordinator ${this.coordinator} has lost its journal; nothing was sent`;
      ctx.reply(request.id, unavailable(why));
    } else if (this.coordinatorIsSilent(ctx.now)) {
      const why = `the coordinator ${this.coordinator} does not answer; nothing was sent`;
      ctx.reply(request.id, unavailable(why));
    } else this.forwards.add(request, ctx);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    if (greatestId(message) > this.#greatestTaken(message, ctx.now)) return;
    if (from === this.coordinator) {
      if (this.coordinatorIsSilent(ctx.now)) this.#line?.hurry();
      this.#coordinatorHeard = ctx.now;
      if ('line' in message && message.line.start > this.#start) {
        return this.#startAbove(message.line.start, ctx);
      }
    }
    switch (message.type) {
      case 'ask':
        return this.participant.onAsk(from, message.ids, ctx);
      case 'tell':
        return this.participant.decide(message.commits, message.aborts);
      case 'copy':
        return this.target.onCopy(from, message, ctx);
      case 'copied':
        return this.source.onCopied(from, message.join, message.number, ctx);
      case 'heartbeat':
        if (from === this.coordinator) this.#onHeartbeat(message, ctx);
        return;
      case 'seen':
        return this.#line?.onSeen(message, this.#times.retryMs / 8, ctx);
      case 'alive':
        throw new PeerFault(`it takes ${this.self} for the coordinator`);
      default:
        if (!toWorkers.has(message.type)) {
          throw new PeerFault(`${message.type} is not for a worker`);
        }
        if (from === this.coordinator && this.#line?.accept(message.line, ctx.now)) {
          this.#onLine(message, this.#line, ctx);
        }
    }
  }

  /**
   * A made-up id must not be decided on here, or the transaction that gets it one day would be refused. As long as the
   * coordinator is heard it says what it has given out; otherwise others may ask about the rest of a block, the whole of
   * which a restart skips.
   */
  #greatestTaken({ type }: Message, now: Millis): TransactionId {
    if (type !== 'ask') return this.#given + bounds.idsReserved;
    const isHeard = !this.coordinatorIsSilent(now);
    return isHeard ? this.#given : Math.ceil(this.#given / bounds.idsReserved) * bounds.idsReserved;
  }

  #onHeartbeat(heartbeat: Extract<Message, { type: 'heartbeat' }>, ctx: Ctx): void {
    if (heartbeat.epoch > this.#lostEpoch) this.#lostEpoch = 0;
    if (heartbeat.epoch < (this.#line?.epoch ?? 0)) return;
    if (heartbeat.epoch !== this.#line?.epoch) {
      // A coordinator whose journal is gone gives out ids again: a new commit would look older than what is held here.
      if (heartbeat.last < this.participant.holds) this.#lostEpoch = heartbeat.epoch;
      if (this.coordinatorIsLost) {
        this.#sweepIsDue = true;
        return;
      }
      this.#connect(heartbeat.epoch, ctx);
    }
    this.#given = Math.max(this.#given, heartbeat.last);
    this.#pool = heartbeat.pool;
    this.source.onPool(heartbeat.pool);
    this.participant.store.dropTombstones(heartbeat.heldByAll);
  }

  /** The coordinator has been told of a later life of this worker, and would not hear this one. */
  #startAbove(start: number, ctx: Ctx): void {
    this.#start = start + 1;
    ctx.persist({ type: 'started', start: this.#start });
    if (this.#line !== null) this.#connect(this.#line.epoch, ctx);
    this.#showLife(ctx);
  }

  /** A coordinator begins a new life: what was said to its last one is answered by nobody. */
  #connect(epoch: number, ctx: Ctx): void {
    this.#line = new Line(this.coordinator, epoch, this.#start);
    this.#unacknowledged = [];
    this.participant.forgetReads();
    this.source.stop(null);
    this.target.stop(null);
    this.forwards.onNewCoordinator(ctx);
    this.#termination.askSoon();
    this.#sweepIsDue = true;
  }

  #onLine(message: LineMessage, line: Line, ctx: Ctx): void {
    switch (message.type) {
      case 'vote-request': {
        const { transactions, participants } = message;
        const votes = this.participant.onVoteRequest(transactions, participants, ctx);
        const bytesOf = (vote: (typeof votes)[number]) =>
          vote.result === null ? 16 : bytesOfResult(vote.result);
        for (const batch of batchesOf(votes, bytesOf)) {
          line.send({ type: 'vote', votes: batch }, ctx);
        }
        return;
      }
      case 'decision':
        this.participant.decide(message.commits, message.aborts);
        // Also what was known already: an earlier acknowledgement may have gone to an earlier life.
        for (const id of message.commits) this.#unacknowledged.push(id);
        return;
      case 'read':
        for (const asked of message.reads) this.participant.read(asked);
        return;
      case 'answer':
        return this.forwards.onAnswers(message.answers, ctx);
      case 'join-start':
        return this.target.start(message.join, message.source, message.reset, ctx);
      case 'copy-start':
        return this.source.start(message.join, message.target, message.after, ctx);
      case 'copy-finish':
        return this.source.finish(message.join, ctx);
      case 'join-stop':
        this.source.stop(message.join);
        return this.target.stop(message.join);
      default:
        throw new Error(`the coordinator said ${message.type} to a worker`);
    }
  }

  onTimer(timer: Timer, ctx: Ctx): void {
    if (timer === 'heartbeat') this.#showLife(ctx);
    else if (timer === 'copy') this.source.step(this.#line, ctx);
    else {
      // Not now but at the end of the turn, when what has arrived meanwhile has been taken in.
      this.#sweepIsSet = false;
      this.#sweepIsDue = true;
    }
  }

  onTurnEnd(ctx: Ctx): void {
    this.#now = ctx.now;
    if (this.#sweepIsDue) this.#sweep(ctx);
    const { participant } = this;
    if (this.#sweepIsDue || participant.unwrittenCount >= bounds.unwrittenMax) {
      participant.writeDecisions(ctx);
    }
    const line = this.#line;
    if (line !== null) {
      if (this.#unacknowledged.length > 0 && participant.unwrittenCount === 0) {
        line.send({ type: 'ack', ids: this.#unacknowledged }, ctx);
        this.#unacknowledged = [];
      }
      const answers = participant.takeAnswers();
      for (const batch of batchesOf(answers, (answer) => bytesOfResult(answer.result))) {
        line.send({ type: 'read-result', results: batch }, ctx);
      }
      this.forwards.flush(line, ctx);
      this.target.report(line, ctx);
      line.confirm(!this.#sweepIsDue, ctx);
    }
    this.#sweepIsDue = false;
    if (this.#sweepIsSet || !this.#isBusy) return;
    this.#sweepIsSet = true;
    ctx.setTimer('sweep', this.#times.sweepMs);
  }

  get #isBusy(): boolean {
    const { inDoubt, unwrittenCount } = this.participant;
    if (inDoubt.size + unwrittenCount + this.forwards.count > 0) return true;
    return this.source.isActive || (this.#line?.isBusy ?? false);
  }

  #sweep(ctx: Ctx): void {
    const silent = this.coordinatorIsSilent(ctx.now);
    const { coordinator: node } = this;
    if (silent !== this.#silenceHandled) {
      ctx.tell({ what: silent ? 'suspects' : 'hears from', node });
      if (silent) this.forwards.onSilence(ctx);
    }
    this.#silenceHandled = silent;
    this.forwards.sweep(ctx);
    this.source.resend(ctx);
    this.#termination.sweep(silent, ctx);
    if (!silent) this.#line?.resendSilent(this.#times.retryMs, ctx);
  }

  #showLife(ctx: Ctx): void {
    // What said so little may have been under way since before this start. A coordinator that has lost nothing begins another
    // epoch with whoever names a later one, and that one tells.
    const epoch = this.coordinatorIsLost ? this.#lostEpoch + 1 : (this.#line?.epoch ?? 0);
    const { copied } = this.target;
    // Not unsynced: a start that a crash could take back would be used twice.
    const { holds } = this.participant;
    ctx.send(this.coordinator, { type: 'alive', start: this.#start, epoch, copied, holds });
    ctx.setTimer('heartbeat', this.#times.heartbeatMs);
    this.#sweepIsDue = true;
  }

  /** It knows less than it has told this worker: it has lost its journal. */
  get coordinatorIsLost(): boolean {
    return this.#lostEpoch > 0;
  }

  coordinatorIsSilent(now: Millis): boolean {
    return this.coordinatorIsLost || now - this.#coordinatorHeard >= this.#times.suspicionMs;
  }

  /** False until the coordinator has announced it; then it is a guess. */
  get knowsPool(): boolean {
    return this.#line !== null;
  }

  /** The pool as the coordinator last announced it. */
  get pool(): readonly NodeId[] {
    return this.#pool;
  }

  snapshot(): Iterable<DurableRecord> {
    return drawSnapshot(
      [{ type: 'started', start: this.#start }, ...this.participant.smallRecords()],
      this.participant.store,
    );
  }

  /** Of the last turn, for `inspect`, which has no clock. */
  get now(): Millis {
    return this.#now;
  }
}
