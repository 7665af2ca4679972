/**
 * Commands that came to this node and wait for their result, at the coordinator or at a follower alike.
 *
 * A follower forwards a command to the coordinator (PMMC, section 4.3 calls this "leader forwarding"), but no result
 * comes back: the command is known by its stamp when this node executes it from the log, and that is the result. So a
 * change of coordinator, a lost message or an overloaded peer needs only one thing: to send the command again. It is
 * executed once, because every command bears a stamp, the client's own or one that this node gives it (see
 * `state/sessions.ts`).
 *
 * What is answered when there is no result in time: *unavailable* (definite) while the command has never left this
 * node; *timeout* (not definite) once it may be in somebody's log.
 */
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import { numberBound } from '../../../core/number-bound.js';
import type { ClientRequest, ClientResult, SessionStamp } from '../../../core/operation.js';
import { badRequest, errorResult, timedOut } from '../../../core/results.js';
import { batchesOf } from '../../shared/batches.js';
import { type Ballot, compareBallots, noBallot } from '../ballot.js';
import { type Command, commandBytes, type LoggedOperation, type Slot } from '../command.js';
import { tellOfMember } from '../events.js';
import type { Learner } from '../learner/learner.js';
import type { Ctx, Of } from '../messages.js';
import { times } from '../options.js';
import { ByStamp } from '../stamps.js';
import { noCoordinator, type Route } from './reads.js';

/** So far below the bound of numbers no other node refuses a command, whatever its clock shows. */
const sequenceMarginMs = 60_000;

interface Client {
  readonly id: RequestId;
  readonly deadline: Millis;
}

interface Waiting {
  readonly command: Command;
  /** More than one when the client has sent its command again, none when it has been answered. */
  clients: readonly Client[];
  /** How often it has left for a coordinator. */
  sends: number;
  /** When it came, or left last. */
  since: Millis;
  isInOutbox: boolean;
}

/** Waits for a change that is done, but whose members are in force only from a later slot. */
interface ChangeClient extends Client {
  readonly from: Slot;
  readonly result: ClientResult;
}

export class Requests {
  readonly #learner: Learner;
  readonly #waiting = new ByStamp<Waiting>();
  #count = 0;
  #outbox: Waiting[] = [];
  #routedBy: Ballot = noBallot;
  #untilInForce: ChangeClient[] = [];
  #ownClient = '';
  #ownSequence = 0;
  #isStarted = false;

  constructor(learner: Learner) {
    this.#learner = learner;
  }

  get count(): number {
    return this.#count + this.#untilInForce.length;
  }

  /** By their stamps. */
  *commands(): Iterable<string> {
    for (const { command } of this.#waiting.values()) yield `${command.client}#${command.sequence}`;
    for (const { from } of this.#untilInForce) yield `whose members are in force from slot ${from}`;
  }

  start(self: NodeId, incarnation: number): void {
    this.#ownClient = `${self}/${incarnation}`;
  }

  /** This incarnation is on disk: no later one will give the same stamps. */
  onStarted(): void {
    this.#isStarted = true;
  }

  onRequest(request: ClientRequest, operation: LoggedOperation, ctx: Ctx): void {
    const { session } = request;
    if (session !== null && isForged(session, ctx)) {
      return ctx.reply(request.id, badRequest('no client has such a session stamp'));
    }
    const { machine } = this.#learner;
    const stamp = session ?? this.#ownStamp();
    const command: Command = { client: stamp.client, sequence: stamp.sequence, operation };
    const known = machine.sessions.recall(stamp.client, stamp.sequence);
    const clients = [{ id: request.id, deadline: ctx.now + request.timeoutMs }];
    if (known !== null) return this.#reply(command, clients, known, ctx);
    this.#count += 1;
    const before = this.#waiting.get(stamp.client, stamp.sequence);
    if (before !== null) {
      before.clients = [...before.clients, ...clients];
      return;
    }
    const waiting = { command, clients, sends: 0, since: ctx.now, isInOutbox: false };
    this.#waiting.add(stamp.client, stamp.sequence, waiting);
    this.#post(waiting);
  }

  /** This node has executed a command; if it came from here, that is the answer. */
  onExecuted(command: Command, result: ClientResult, ctx: Ctx): void {
    tellOfMember(command, ctx);
    const waiting = this.#waiting.get(command.client, command.sequence);
    if (waiting !== null) this.#answer(waiting, waiting.clients, result, ctx);
  }

  /** The state has jumped ahead, over slots that this node never executed one by one. */
  onInstalled(ctx: Ctx): void {
    for (const waiting of this.#waiting.values()) {
      const { client, sequence } = waiting.command;
      const result = this.#learner.machine.sessions.recall(client, sequence);
      if (result !== null) this.#answer(waiting, waiting.clients, result, ctx);
    }
  }

  /** The coordinator has not proposed these. */
  onRefuse({ stamps, code, message }: Of<'refuse'>, ctx: Ctx): void {
    for (const { client, sequence } of stamps) {
      const waiting = this.#waiting.get(client, sequence);
      // Sent twice, it may be in a log all the same: it stays, and is sent again.
      if (waiting === null || waiting.sends > 1) continue;
      this.#answer(waiting, waiting.clients, errorResult(code, true, message), ctx);
    }
  }

  onTick(ctx: Ctx): void {
    for (const waiting of this.#waiting.values()) {
      const neverLeft = waiting.sends === 0 && ctx.now - waiting.since >= times.leaderWaitMs;
      const late = waiting.clients.filter(({ deadline }) => neverLeft || deadline <= ctx.now);
      if (late.length > 0) {
        const result =
          waiting.sends === 0
            ? noCoordinator(ctx)
            : timedOut('not chosen in time; it may still be');
        this.#answer(waiting, late, result, ctx);
      } else if (waiting.sends > 0 && ctx.now - waiting.since >= times.askAgainMs) {
        this.#post(waiting);
      }
    }
    // Who was answered while nobody coordinated must not pile up.
    this.#outbox = this.#outbox.filter(({ clients }) => clients.length > 0);
  }

  onTurnEnd(route: Route | null, ctx: Ctx): void {
    this.#answerInForce(ctx);
    if (route === null) return;
    if (compareBallots(route.ballot, this.#routedBy) !== 0) {
      this.#routedBy = route.ballot;
      for (const waiting of this.#waiting.values()) this.#post(waiting);
    }
    if (this.#outbox.length === 0) return;
    const outbox = this.#outbox;
    this.#outbox = [];
    for (const waiting of outbox) waiting.isInOutbox = false;
    const due = outbox.filter((waiting) => waiting.clients.length > 0);
    if (route.own === null) this.#forward(due, route.node, ctx);
    else this.#offer(due, route.own, ctx);
  }

  #forward(outbox: readonly Waiting[], to: NodeId, ctx: Ctx): void {
    for (const waiting of outbox) {
      waiting.sends += 1;
      waiting.since = ctx.now;
    }
    const all = outbox.map(({ command }) => command);
    for (const commands of batchesOf(all, commandBytes)) {
      // A command promises nothing, once its stamp is sure to be unique.
      if (this.#isStarted) ctx.sendUnsynced(to, { type: 'forward', commands });
      else ctx.send(to, { type: 'forward', commands });
    }
  }

  #offer(outbox: readonly Waiting[], own: NonNullable<Route['own']>, ctx: Ctx): void {
    for (const waiting of outbox) {
      const refusal = own.offer(waiting.command, ctx);
      if (refusal === null) {
        waiting.sends += 1;
        waiting.since = ctx.now;
      } else if (waiting.sends === 0) {
        this.#answer(waiting, waiting.clients, refusal, ctx);
      }
    }
  }

  /** Answers these clients of a command; when it has no others it is forgotten. */
  #answer(waiting: Waiting, clients: readonly Client[], result: ClientResult, ctx: Ctx): void {
    this.#reply(waiting.command, clients, result, ctx);
    this.#count -= clients.length;
    const areAll = clients === waiting.clients;
    waiting.clients = areAll ? nobody : waiting.clients.filter((each) => !clients.includes(each));
    if (waiting.clients.length > 0) return;
    this.#waiting.delete(waiting.command.client, waiting.command.sequence);
  }

  /**
   * What is chosen is durable at a majority, whatever this node's disk has of it: the result need not wait for that. But a
   * change is answered only once it is in force, also when it comes again: then a node that was removed may go.
   */
  #reply({ operation }: Command, clients: readonly Client[], result: ClientResult, ctx: Ctx): void {
    const isChange = operation.type === 'reconfigure' && result.type === 'done';
    const from = this.#learner.machine.membership.newestFrom;
    for (const { id, deadline } of clients) {
      if (isChange) this.#untilInForce.push({ id, deadline, from, result });
      else ctx.replyUnsynced(id, result);
    }
  }

  #answerInForce(ctx: Ctx): void {
    if (this.#untilInForce.length === 0) return;
    const { applied, settled, machine } = this.#learner;
    // What was decided under the members before must be known to all who stay and live; who has gone is not told.
    const known = machine.members.includes(ctx.self) ? Math.min(applied, settled) : applied;
    this.#untilInForce = this.#untilInForce.filter(({ id, deadline, from, result }) => {
      if (known + 1 >= from) ctx.reply(id, result);
      else if (deadline <= ctx.now) ctx.reply(id, notInForce);
      else return true;
      return false;
    });
  }

  #post(waiting: Waiting): void {
    if (waiting.isInOutbox) return;
    waiting.isInOutbox = true;
    this.#outbox.push(waiting);
  }

  #ownStamp(): SessionStamp {
    this.#ownSequence += 1;
    return { client: this.#ownClient, sequence: this.#ownSequence };
  }
}

const nobody: readonly Client[] = [];
const notInForce = timedOut('the change is chosen, but not yet in force');

/** A number that no client has counted to, or the name under which a node sends what bears no stamp. */
function isForged({ client, sequence }: SessionStamp, ctx: Ctx): boolean {
  return client.includes('/') || sequence > numberBound(ctx.wallClock - sequenceMarginMs);
}
