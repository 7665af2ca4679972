import type { Decision } from '../core/decision.js';
import type { ErrorCode } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { PeerFault } from '../core/invariant.js';
import type { Key } from '../core/key.js';
import { linkLimits, turnLimits } from '../core/limits.js';
import type { ClientRequest } from '../core/operation.js';
import type { ProtocolEvent } from '../core/protocol-event.js';
import type { Random } from '../core/random.js';
import type { ProtocolTypes, Rejoin, Replica, ReplicaView } from '../core/replica.js';
import { errorResult } from '../core/results.js';
import { Inbox } from './inbox.js';
import { DurabilityGate, type Reply, TurnOutput } from './outbox.js';
import type { Clock, Journal, Link, Position, Recovery } from './ports.js';
import {
  type AnswerObserver,
  type AnswerTaker,
  type QueuedRequest,
  RequestQueue,
  RequestSource,
  type Taker,
  type TurnShare,
  tell,
} from './request-queue.js';
import { Timers } from './timers.js';
import { TurnContext } from './turn-context.js';
import { type WorstPlan, WorstReads } from './worst-reads.js';

/** What an answer counts for without a look at the key, where no value is larger. */
const unlookedBytesMax = 1024;
/** How often it is looked whether requests that could not begin have become too late, or a slow peer is slow no more. */
const blockedMs: Millis = 50;

export interface NodeSetup<P extends ProtocolTypes> {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly replica: Replica<P>;
  readonly clock: Clock;
  readonly link: Link<P['message']>;
  readonly journal: Journal<P['record']>;
  readonly random: Random;
  /**
   * Hears what the journal found before anything on disk is changed. May throw to refuse it, or say that the node begins
   * anew with it.
   */
  readonly admit?: (recovery: Recovery) => Rejoin | null;
  /** Why the protocol does not take such a request, or `null`: then the replica sees it. */
  readonly refuse?: (request: ClientRequest) => string | null;
  /** Takes the answers that became free to leave together. */
  readonly onReplies: (replies: readonly Reply[]) => void;
  /** Hears of each answer as it leaves; left out, it costs nothing. */
  readonly observe?: AnswerObserver;
  /** Hears what the replica tells of itself, in the middle of a turn; must not throw. */
  readonly onEvent?: (event: ProtocolEvent) => void;
  /** Hears what the replica holds for good, once it is durable; must not throw. */
  readonly onDecision?: (decision: Decision) => void;
  /** A peer has sent what none can send that is honest, and its link is to be closed. Left out, that stops the node. */
  readonly onPeerFault?: (from: NodeId, why: string) => void;
  /** The node has stopped for good: its replica met a broken invariant, or its disk failed. */
  readonly onFailure: (error: Error) => void;
}

/** What a node has done since its start, and what waits in it now. */
export interface NodeLoad {
  readonly turnCount: number;
  readonly requestsWaiting: number;
  readonly requestsUnderWay: number;
  readonly bytesUnderWay: number;
  readonly messagesWaiting: number;
  readonly messageBytesWaiting: number;
  /** Messages that found too many waiting. */
  readonly messagesLost: number;
}

/**
 * One node: a replica, driven turn by turn over its three ports, in production and in the simulator. See `core/replica.ts`
 * for what a turn is, and `outbox.ts` for the durability gate.
 */
export class Node<P extends ProtocolTypes> {
  readonly #setup: NodeSetup<P>;
  readonly #context: TurnContext<P>;
  readonly #timers: Timers<P['timer']>;
  readonly #gate: DurabilityGate<P['message']>;
  readonly #inbox: Inbox<P['message']>;
  readonly #requests: RequestQueue;
  readonly #taker: Taker;
  /** `null` while nobody wants that: {@link readWorst}. */
  worst: WorstReads | null = null;
  /** Of requests that no connection brought. */
  readonly #nobody = new RequestSource();
  #mayBeginMore = false;
  #arrivedAt: Millis | null = null;
  #cancelBlockedAlarm: (() => void) | null = null;
  #turnScheduled = false;
  #turnCount = 0;
  #flushed: Position = 0;
  #state: 'new' | 'running' | 'closed' = 'new';

  constructor(setup: NodeSetup<P>) {
    this.#setup = setup;
    this.#timers = new Timers(setup.clock, () => this.#scheduleTurn());
    this.#context = new TurnContext(setup, this.#timers);
    this.#gate = new DurabilityGate((output) => this.#release(output));
    this.#inbox = new Inbox(setup.link);
    this.#requests = new RequestQueue((key) => this.#bytesHeld(key), setup.observe);
    this.#taker = {
      begin: (request, source) => {
        this.worst?.begins(request, source, this.#context.now);
        setup.replica.onRequest(request, this.#context);
        this.worst?.begun(request, this.#context.now);
      },
      tooLate: (asked) =>
        this.#refuse(asked, 'overloaded', `${setup.self} was too busy to begin in time`),
    };
  }

  /** Recovers from the journal and starts the replica. Throws when the journal refuses what it finds. */
  start(): void {
    const { journal, link, replica, admit } = this.#setup;
    let rejoin: Rejoin | null = null;
    journal.recover(
      (record) => replica.recover(record),
      (recovery) => {
        rejoin = admit?.(recovery) ?? null;
      },
    );
    journal.onDurable(() => this.#onDurable());
    journal.onFailure((error) => this.#fail(error));
    link.onReceive((from, messages, bytes) => this.#receive(from, messages, bytes));
    link.onRelief(() => this.resume());
    this.#state = 'running';
    this.#turn(() => replica.onStart(this.#context, rejoin));
  }

  /**
   * Takes a client's request. Its answer comes exactly once: to `source`, the connection it came by, under the client's own
   * `name` for it (or to who has that name), and by `onReplies`.
   */
  request(
    request: ClientRequest,
    source = this.#nobody,
    name: number | AnswerTaker = request.id,
  ): void {
    const { self, refuse } = this.#setup;
    const asked = { request, source, name };
    const problem = refuse?.(request) ?? null;
    if (this.#state !== 'running') {
      this.#refuse(asked, 'unavailable', `${self} is not running`);
    } else if (problem !== null) {
      this.#refuse(asked, 'bad-request', problem);
    } else if (!this.#requests.offer(asked, this.#arrivalTime())) {
      this.#refuse(asked, 'overloaded', `${self} has too many requests waiting`);
    } else {
      this.#mayBeginMore = true;
      this.#scheduleTurn();
    }
  }

  #bytesHeld(key: Key): number | null {
    const view = this.inspect();
    const most = view.largestValueBytes?.() ?? Number.POSITIVE_INFINITY;
    // So little that it need not be known better: finding a key costs.
    if (most <= unlookedBytesMax) return most;
    const held = view.lookup(key);
    return held === undefined ? null : (held.value?.length ?? 0);
  }

  /** Looked at once for all that comes before a turn: a little early is good enough, and asking costs. */
  #arrivalTime(): Millis {
    this.#arrivedAt ??= this.#setup.clock.now();
    return this.#arrivedAt;
  }

  /** What held requests back may have changed: a client has read its answers, or a peer its messages. */
  resume(): void {
    if (this.#requests.waitingCount === 0) return;
    this.#mayBeginMore = true;
    this.#scheduleTurn();
  }

  /** From now on its reads, or those of connections that ask for it, return the worst that is legal. */
  readWorst(plan: WorstPlan): void {
    const { self, clock } = this.#setup;
    this.worst ??= new WorstReads(self, plan, {
      view: () => this.inspect(),
      answerAfter: (ms, reply) => void clock.at(clock.now() + ms, () => this.#answer([reply()])),
    });
  }

  /** Of what it is to answer; see `Context`. */
  set failRate(rate: number | null) {
    this.#context.failRate = rate;
  }

  inspect(): ReplicaView {
    return this.#setup.replica.inspect();
  }

  get load(): NodeLoad {
    const { waitingCount, underWayCount, bytesUnderWay } = this.#requests;
    const { messagesWaiting, bytesWaiting, lostCount } = this.#inbox;
    return {
      turnCount: this.#turnCount,
      ...{ requestsWaiting: waitingCount, requestsUnderWay: underWayCount, bytesUnderWay },
      ...{ messagesWaiting, messageBytesWaiting: bytesWaiting, messagesLost: lostCount },
    };
  }

  /** The replica's timers and when they are due, by its clock. */
  get timers(): ReadonlyMap<P['timer'], Millis> {
    return this.#timers.pending;
  }

  /** Stops at once, as a crash would: nothing held back leaves any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timers.clear();
    this.#cancelBlockedAlarm?.();
    this.#setup.link.close();
    this.#setup.journal.close();
  }

  #receive(from: NodeId, messages: readonly P['message'][], bytes: number): void {
    if (this.#inbox.push(from, messages, bytes)) this.#scheduleTurn();
  }

  #onDurable(): void {
    const { durable } = this.#setup.journal;
    try {
      if (this.#inbox.onDurable(durable)) this.#scheduleTurn();
      this.#gate.open(durable);
    } catch (error) {
      this.#fail(error);
    }
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled || this.#state !== 'running') return;
    this.#turnScheduled = true;
    this.#setup.clock.soon(this.#runTurn);
  }

  readonly #runTurn = (): void => {
    this.#turnScheduled = false;
    if (this.#state === 'running') this.#turn(this.#handInputs);
  };

  #turn(hand: () => void): void {
    this.#turnCount++;
    try {
      this.#arrivedAt = null;
      this.#context.begin();
      hand();
      this.#setup.replica.onTurnEnd(this.#context);
      this.#timers.rearm();
      this.#endTurn();
      if (this.#stepSnapshot() || this.#inbox.hasMore || this.#mayBeginMore) this.#scheduleTurn();
    } catch (error) {
      this.#fail(error);
    }
    // The node may have been closed within the turn (its disk failed, or whoever took a reply closed it), and the
    // replica have set timers since.
    if (this.#state === 'closed') this.#timers.clear();
  }

  readonly #handInputs = (): void => {
    this.#handTimers();
    this.#handMessages();
    this.#handRequests();
  };

  #handTimers(): void {
    for (;;) {
      const timer = this.#timers.takeDue(this.#context.now);
      if (timer === null) break;
      this.#setup.replica.onTimer(timer, this.#context);
    }
  }

  #handMessages(): void {
    let handled = 0;
    while (handled < turnLimits.inputsMax) {
      const batch = this.#inbox.take();
      if (batch === null) break;
      this.#handBatch(batch.from, batch.messages);
      handled += batch.messages.length;
    }
  }

  #handBatch(from: NodeId, messages: readonly P['message'][]): void {
    const { replica, onPeerFault } = this.#setup;
    try {
      for (const message of messages) replica.onMessage(from, message, this.#context);
    } catch (error) {
      if (!(error instanceof PeerFault) || onPeerFault === undefined) throw error;
      onPeerFault(from, error.message);
    }
  }

  #handRequests(): void {
    if (!this.#mayBeginMore) return;
    const { now } = this.#context;
    const { inputsMax, bytesMax } = turnLimits;
    const share = { now, inputsMax, bytesMax, links: linksState(this.#setup.link.bytesWaiting) };
    this.#mayBeginMore = this.#requests.take(share, this.#taker);
    if (this.#mayBeginMore || this.#requests.waitingCount === 0) return;
    this.#cancelBlockedAlarm ??= this.#setup.clock.at(now + blockedMs, () => {
      this.#cancelBlockedAlarm = null;
      this.resume();
    });
  }

  #endTurn(): void {
    const { journal } = this.#setup;
    const { unsynced, output } = this.#context;
    // Most turns have nothing for either, and the next one may have the empty one.
    if (!unsynced.isEmpty) this.#context.unsynced = new TurnOutput();
    if (!output.isEmpty) this.#context.output = new TurnOutput();
    if (!unsynced.isEmpty) this.#release(unsynced);
    if (journal.appended > this.#flushed) {
      this.#flushed = journal.appended;
      journal.flush();
    }
    this.#inbox.endTurn(journal.appended, journal.durable);
    this.#gate.pass(output, journal.appended, journal.durable);
  }

  #stepSnapshot(): boolean {
    if (this.#state !== 'running') return false;
    const { journal, replica } = this.#setup;
    if (journal.wantsSnapshot) {
      this.#context.tell({ what: 'begins a snapshot', detail: `log of ${journal.logBytes} bytes` });
      journal.beginSnapshot(replica.snapshot());
    }
    return journal.snapshotStep();
  }

  #release(output: TurnOutput<P['message']>): void {
    if (this.#state !== 'running') return;
    const { self, link, onDecision } = this.#setup;
    for (const decision of output.decisions) onDecision?.(decision);
    for (const { to, messages } of output.batches) {
      if (to === self) this.#receive(self, messages, 0);
      else link.send(to, messages);
    }
    if (output.replies.length === 0) return;
    this.#answer(this.worst?.amended(output.replies, this.#context.now) ?? output.replies);
  }

  #answer(replies: readonly Reply[]): void {
    if (replies.length === 0 || this.#state !== 'running') return;
    const now = this.#setup.observe === undefined ? 0 : this.#setup.clock.now();
    for (const { id, result } of replies) this.#requests.answered(id, result, now);
    this.resume();
    this.#setup.onReplies(replies);
  }

  #refuse(asked: QueuedRequest, code: ErrorCode, message: string): void {
    const result = errorResult(code, true, message);
    tell(asked, result);
    this.#setup.observe?.(asked.request, result, 0);
    this.#setup.onReplies([{ id: asked.request.id, result }]);
  }

  /** Crash-only: whatever goes wrong in a turn stops the node; its restart is the ordinary recovery. */
  #fail(error: unknown): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#setup.onFailure(error instanceof Error ? error : new Error(String(error)));
  }
}

function linksState(bytesWaiting: number): TurnShare['links'] {
  if (bytesWaiting < linkLimits.bytesWaitingSlow) return 'free';
  return bytesWaiting < linkLimits.bytesWaitingStop ? 'slow' : 'stopped';
}
