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
import { badRequest, errorResult, overloaded, timedOut } from '../../../core/results.js';
import { TransientMap } from '../../../core/transient.js';
import { batchesOf } from '../../shared/batches.js';
import { type Ballot, compareBallots, noBallot } from '../ballot.js';
import { type Command, commandBytes, type LoggedOperation, type Slot } from '../command.js';
import { tellOfMember } from '../events.js';
import type { Learner } from '../learner/learner.js';
import type { Ctx, Of } from '../messages.js';
import { bounds, times } from '../options.js';
import type { StateMachine } from '../state/state-machine.js';
import { noCoordinator } from './reads.js';
import type { Route } from './route.js';

/** So far below the bound of numbers no other node refuses a command, whatever its clock shows. */
const sequenceMarginMs = 60_000;

interface Waiting {
  readonly command: Command;
  readonly since: Millis;
  /** More than one when the client has sent its command again. */
  readonly clients: { readonly id: RequestId; readonly deadline: Millis }[];
  /** How often it has left for a coordinator. */
  sends: number;
  sentAt: Millis;
  isInOutbox: boolean;
}

type Held = Pick<Waiting, 'command' | 'clients'>;

export class Requests {
  readonly #learner: () => Pick<Learner, 'applied' | 'settled'>;
  readonly #waiting = new TransientMap<string, TransientMap<number, Waiting>>();
  #count = 0;
  #outbox: Waiting[] = [];
  #routedBy: Ballot = noBallot;
  /** Done, but the new members are in force only from a later slot. */
  #untilInForce: {
    readonly waiting: Held;
    readonly from: Slot;
    readonly result: ClientResult;
  }[] = [];
  #ownClient = '';
  #ownSequence = 0;
  #isStarted = false;

  constructor(learner: () => Pick<Learner, 'applied' | 'settled'>) {
    this.#learner = learner;
  }

  get count(): number {
    return this.#count + this.#untilInForce.length;
  }

  /** By their stamps. */
  *commands(): Iterable<string> {
    for (const { command } of this.#all()) yield `${command.client}#${command.sequence}`;
    for (const { waiting } of this.#untilInForce) yield `of ${waiting.command.client}`;
  }

  start(self: NodeId, incarnation: number): void {
    this.#ownClient = `${self}/${incarnation}`;
  }

  /** This incarnation is on disk: no later one will give the same stamps. */
  onStarted(): void {
    this.#isStarted = true;
  }

  onRequest(
    request: ClientRequest,
    operation: LoggedOperation,
    machine: StateMachine,
    ctx: Ctx,
  ): void {
    const { session } = request;
    if (session !== null && isForged(session, ctx)) {
      return ctx.reply(request.id, badRequest('no client has such a session stamp'));
    }
    const stamp = session ?? this.#ownStamp();
    const command: Command = { client: stamp.client, sequence: stamp.sequence, operation };
    const known = machine.sessions.recall(stamp.client, stamp.sequence);
    const client = { id: request.id, deadline: ctx.now + request.timeoutMs };
    if (known !== null) {
      const waiting = { command, clients: [client] };
      return this.#settleKnown(waiting, known, machine, ctx);
    }
    const before = this.#waiting.get(stamp.client)?.get(stamp.sequence);
    if (this.#count >= bounds.pendingMax) {
      ctx.reply(request.id, overloaded(ctx.self));
    } else if (before !== undefined) {
      before.clients.push(client);
      this.#count += 1;
    } else {
      this.#add({
        command,
        since: ctx.now,
        clients: [client],
        sends: 0,
        sentAt: 0,
        isInOutbox: false,
      });
    }
  }

  /** This node has executed a command; if it came from here, that is the answer. */
  onExecuted(command: Command, result: ClientResult, machine: StateMachine, ctx: Ctx): void {
    tellOfMember(command, ctx);
    const { client, sequence } = command;
    const waiting = this.#waiting.get(client)?.get(sequence);
    if (waiting !== undefined) this.#settle(waiting, result, machine, ctx);
  }

  /** The state has jumped ahead, over slots that this node never executed one by one. */
  onInstalled(machine: StateMachine, ctx: Ctx): void {
    for (const waiting of this.#all()) {
      const { client, sequence } = waiting.command;
      const result = machine.sessions.recall(client, sequence);
      if (result !== null) this.#settle(waiting, result, machine, ctx);
    }
  }

  /** The coordinator has not proposed these. */
  onRefuse({ stamps, code, message }: Of<'refuse'>, ctx: Ctx): void {
    for (const { client, sequence } of stamps) {
      const waiting = this.#waiting.get(client)?.get(sequence);
      // Sent twice, it may be in a log all the same: it stays, and is sent again.
      if (waiting === undefined || waiting.sends > 1) continue;
      this.#answer(waiting, errorResult(code, true, message), ctx);
    }
  }

  onTick(machine: StateMachine, ctx: Ctx): void {
    for (const waiting of this.#all()) {
      const neverLeft = waiting.sends === 0 && ctx.now - waiting.since >= times.leaderWaitMs;
      const isDue = waiting.clients.some(({ deadline }) => deadline <= ctx.now);
      if (isDue || neverLeft) this.#expire(waiting, neverLeft, ctx);
      else if (waiting.sends > 0 && ctx.now - waiting.sentAt >= times.askAgainMs)
        this.#post(waiting);
    }
    this.#answerInForce(machine, ctx);
    const late = this.#untilInForce.filter(({ waiting }) =>
      waiting.clients.some(({ deadline }) => deadline <= ctx.now),
    );
    if (late.length === 0) return;
    this.#untilInForce = this.#untilInForce.filter((held) => !late.includes(held));
    for (const { waiting } of late) {
      const result = timedOut('the change is chosen, but not yet in force');
      for (const { id } of waiting.clients) ctx.reply(id, result);
    }
  }

  onTurnEnd(route: Route | null, machine: StateMachine, ctx: Ctx): void {
    this.#answerInForce(machine, ctx);
    if (route === null) return;
    if (compareBallots(route.ballot, this.#routedBy) !== 0) {
      this.#routedBy = route.ballot;
      for (const waiting of this.#all()) this.#post(waiting);
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
      waiting.sentAt = ctx.now;
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
        waiting.sentAt = ctx.now;
      } else if (waiting.sends === 0) {
        this.#answer(waiting, refusal, ctx);
      }
    }
  }

  #expire(waiting: Waiting, neverLeft: boolean, ctx: Ctx): void {
    const isOver = (deadline: Millis) => neverLeft || deadline <= ctx.now;
    const late = waiting.clients.filter(({ deadline }) => isOver(deadline));
    const rest = waiting.clients.filter(({ deadline }) => !isOver(deadline));
    const result =
      waiting.sends === 0 ? noCoordinator(ctx) : timedOut('not chosen in time; it may still be');
    for (const { id } of late) ctx.reply(id, result);
    waiting.clients.length = 0;
    waiting.clients.push(...rest);
    this.#count -= late.length;
    if (rest.length === 0) this.#remove(waiting);
  }

  #settle(waiting: Waiting, result: ClientResult, machine: StateMachine, ctx: Ctx): void {
    this.#settleKnown(waiting, result, machine, ctx);
    this.#count -= waiting.clients.length;
    this.#remove(waiting);
  }

  /** Also when a change comes again that was done before: only once it is in force may a node that was removed go. */
  #settleKnown(
    { command, clients }: Held,
    result: ClientResult,
    machine: StateMachine,
    ctx: Ctx,
  ): void {
    const isChange = command.operation.type === 'reconfigure' && result.type === 'done';
    const last = machine.membership.configurations.at(-1);
    if (isChange && last !== undefined) {
      this.#untilInForce.push({
        waiting: { command, clients: [...clients] },
        from: last.from,
        result,
      });
    } else for (const { id } of clients) ctx.reply(id, result);
  }

  #answerInForce(machine: StateMachine, ctx: Ctx): void {
    if (this.#untilInForce.length === 0) return;
    const { applied, settled } = this.#learner();
    // What was decided under the members before must be known to all who stay and live; who has gone is not told.
    const known = machine.members.includes(ctx.self) ? Math.min(applied, settled) : applied;
    this.#untilInForce = this.#untilInForce.filter(({ waiting, from, result }) => {
      if (known + 1 < from) return true;
      for (const { id } of waiting.clients) ctx.reply(id, result);
      return false;
    });
  }

  #answer(waiting: Waiting, result: ClientResult, ctx: Ctx): void {
    for (const { id } of waiting.clients) ctx.reply(id, result);
    this.#count -= waiting.clients.length;
    waiting.clients.length = 0;
    this.#remove(waiting);
  }

  #add(waiting: Waiting): void {
    const { client, sequence } = waiting.command;
    const ofClient = this.#waiting.get(client);
    if (ofClient === undefined) this.#waiting.set(client, new TransientMap([[sequence, waiting]]));
    else ofClient.set(sequence, waiting);
    this.#count += 1;
    this.#post(waiting);
  }

  #remove({ command: { client, sequence } }: Waiting): void {
    const ofClient = this.#waiting.get(client);
    ofClient?.delete(sequence);
    if (ofClient?.size === 0) this.#waiting.delete(client);
  }

  #post(waiting: Waiting): void {
    if (waiting.isInOutbox) return;
    waiting.isInOutbox = true;
    this.#outbox.push(waiting);
  }

  *#all(): Generator<Waiting> {
    for (const ofClient of this.#waiting.values()) yield* ofClient.values();
  }

  #ownStamp(): SessionStamp {
    this.#ownSequence += 1;
    return { client: this.#ownClient, sequence: this.#ownSequence };
  }
}

/** A number that no client has counted to, or the name under which a node sends what bears no stamp. */
function isForged({ client, sequence }: SessionStamp, ctx: Ctx): boolean {
  return client.includes('/') || sequence > numberBound(ctx.wallClock - sequenceMarginMs);
}
