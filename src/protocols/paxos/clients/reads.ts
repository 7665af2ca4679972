/**
 * Reads that came to this node (the reader's side; `coordinator/read-index.ts` is the coordinator's).
 *
 * - `local`: this replica's state, however old.
 * - `leader`: the coordinator says up to where it has executed, and this node reads once it has come as far. No
 *   majority is asked: a coordinator that others have replaced without its knowing names an old slot.
 * - `linearizable`: the same, but the coordinator answers only when a majority has confirmed it.
 *
 * All reads that came in one turn share one question, and none is written to the log. A question that brings no answer
 * may be asked again, of anybody: a later slot is as good. What is read was chosen, and so is durable at a majority: the
 * answer does not wait for this node's disk.
 */

import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import type { Key } from '../../../core/key.js';
import type { ClientResult } from '../../../core/operation.js';
import { type ErrorResult, timedOut, unavailable } from '../../../core/results.js';
import { TransientMap } from '../../../core/transient.js';
import type { Acceptor } from '../acceptor.js';
import { type Ballot, compareBallots, noBallot } from '../ballot.js';
import type { Slot } from '../command.js';
import type { Coordinator } from '../coordinator/coordinator.js';
import type { Learner } from '../learner/learner.js';
import type { Ctx } from '../messages.js';
import { firstNumber } from '../numbers.js';
import { times } from '../options.js';
import type { StateMachine } from '../state/state-machine.js';

/** Where this node takes its clients' operations at present. */
export interface Route {
  readonly ballot: Ballot;
  readonly node: NodeId;
  /** The coordinator on this node; `null` when another node's is followed. */
  readonly own: Coordinator | null;
}

interface Read {
  readonly id: RequestId;
  readonly key: Key;
  readonly deadline: Millis;
}

interface Group {
  readonly number: number;
  readonly confirmed: boolean;
  readonly since: Millis;
  reads: Read[];
  /** Under which ballot and when it was asked last. */
  askedBy: Ballot;
  askedAt: Millis;
  /** From which slot it may read; `null` until the answer comes. */
  slot: Slot | null;
}

export class Reads {
  readonly #learner: Learner;
  readonly #acceptor: Acceptor;
  readonly #groups = new TransientMap<number, Group>();
  /** What came in this turn. */
  readonly #confirmed: Read[] = [];
  readonly #unconfirmed: Read[] = [];
  #lastNumber = 0;
  #count = 0;

  constructor(learner: Learner, acceptor: Acceptor) {
    this.#learner = learner;
    this.#acceptor = acceptor;
  }

  get count(): number {
    return this.#count;
  }

  start(incarnation: number): void {
    this.#lastNumber = firstNumber(incarnation);
  }

  onRequest(read: Read, confirmed: boolean): void {
    (confirmed ? this.#confirmed : this.#unconfirmed).push(read);
    this.#count += 1;
  }

  onReadAt(number: number, slot: Slot): void {
    const group = this.#groups.get(number);
    if (group !== undefined && group.slot === null) group.slot = slot;
  }

  onTick(ctx: Ctx): void {
    for (const group of this.#groups.values()) {
      const neverAsked = group.askedBy === noBallot && ctx.now - group.since >= times.leaderWaitMs;
      const late = group.reads.filter(({ deadline }) => neverAsked || deadline <= ctx.now);
      if (late.length === 0) continue;
      const result = group.askedBy === noBallot ? noCoordinator(ctx) : unconfirmed;
      for (const { id } of late) ctx.replyUnsynced(id, result);
      this.#count -= late.length;
      group.reads = group.reads.filter((read) => !late.includes(read));
      if (group.reads.length === 0) this.#groups.delete(group.number);
    }
  }

  onTurnEnd(route: Route | null, ctx: Ctx): void {
    this.#gather(this.#confirmed, true, ctx.now);
    this.#gather(this.#unconfirmed, false, ctx.now);
    if (this.#groups.size === 0) return;
    if (route !== null) for (const group of this.#groups.values()) this.#ask(group, route, ctx);
    this.answer(ctx);
  }

  /** Answers the reads whose slot has been executed. */
  answer(ctx: Ctx): void {
    if (this.#groups.size === 0) return;
    const { machine } = this.#learner;
    for (const group of this.#groups.values()) {
      if (group.slot === null || group.slot > machine.applied) continue;
      for (const { id, key } of group.reads) ctx.replyUnsynced(id, readFrom(machine, key));
      this.#count -= group.reads.length;
      this.#groups.delete(group.number);
    }
  }

  #gather(waiting: Read[], confirmed: boolean, now: Millis): void {
    if (waiting.length === 0) return;
    const number = ++this.#lastNumber;
    const reads = waiting.splice(0);
    const asked = { askedBy: noBallot, askedAt: 0, slot: null };
    this.#groups.set(number, { number, confirmed, since: now, reads, ...asked });
  }

  #ask(group: Group, { ballot, node, own }: Route, ctx: Ctx): void {
    const { number, confirmed } = group;
    if (group.slot !== null) return;
    const isNew = compareBallots(group.askedBy, ballot) !== 0;
    if (!isNew && (own !== null || ctx.now - group.askedAt < times.askAgainMs)) return;
    group.askedBy = ballot;
    group.askedAt = ctx.now;
    const { promised } = this.#acceptor;
    if (own !== null) own.onReadIndex(ctx.self, { number, confirmed, promised }, ctx);
    else ctx.sendUnsynced(node, { type: 'read-index', number, confirmed, promised });
  }
}

export function readFrom(machine: StateMachine, key: Key): ClientResult {
  const entry = machine.store.get(key);
  return { type: 'value', value: entry?.value ?? null, version: entry?.version ?? null };
}

/** Nothing was sent for this request. */
export function noCoordinator({ self }: Ctx): ErrorResult {
  return unavailable(`${self} knows of no coordinator; nothing was sent`);
}

const unconfirmed = timedOut('the coordinator did not confirm the read in time');
