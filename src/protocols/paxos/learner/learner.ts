/**
 * The learner (Lamport 2001, section 2.3): finds out what was chosen and executes it in the order of the slots.
 *
 * It learns in three ways. The coordinator's `decided` says that all slots up to there are chosen; whatever this
 * node's acceptor holds there *under the coordinator's ballot or a higher one* is what was chosen, because a higher
 * ballot never proposes anything else for a slot in which a value was chosen (P2b). Or the coordinator itself has
 * counted a majority. Or somebody who knows sends the values (`catch-up.ts`).
 *
 * What is known to be chosen without a gap is executed at once, so `applied` is also the newest slot up to which this
 * node knows everything: the papers' *decided*.
 */
import { invariant } from '../../../core/invariant.js';
import type { ClientResult } from '../../../core/operation.js';
import { type Ballot, compareBallots, noBallot } from '../ballot.js';
import { type Batch, type Command, type Slot, sameBatch, showBatch } from '../command.js';
import type { Ctx } from '../messages.js';
import type { Configuration } from '../state/membership.js';
import { StateMachine } from '../state/state-machine.js';
import type { Log } from './log.js';

/** Sees every slot as it is executed, also during recovery, and every state that replaces another (`null`). */
export type Observe = (machine: StateMachine, batch: Batch | null) => void;

export interface LearnerEvents {
  /** A command is executed; during recovery nobody is told. */
  readonly onExecuted: (command: Command, result: ClientResult, ctx: Ctx) => void;
  readonly observe: Observe;
}

export class Learner {
  readonly log: Log;
  readonly #events: LearnerEvents;
  #machine: StateMachine;
  /** The newest word of a coordinator: under its ballot, every slot up to there is chosen. */
  #declaredBy: Ballot = noBallot;
  #declared: Slot = 0;
  /** What every live member has, as far as the coordinator knows. */
  #settled: Slot = 0;

  constructor(log: Log, machine: StateMachine, events: LearnerEvents) {
    this.log = log;
    this.#machine = machine;
    this.#events = events;
  }

  get settled(): Slot {
    return this.#settled;
  }

  get machine(): StateMachine {
    return this.#machine;
  }

  get applied(): Slot {
    return this.#machine.applied;
  }

  /** The newest slot that a coordinator has said to be chosen, or that is known to be from elsewhere. */
  get declared(): Slot {
    return Math.max(this.#declared, this.applied);
  }

  /** The coordinator of `ballot` says that all slots up to `decided` are chosen. */
  declare(ballot: Ballot, decided: Slot, ctx: Ctx): void {
    const order = compareBallots(ballot, this.#declaredBy);
    if (order < 0) return;
    this.#declaredBy = ballot;
    this.#declared = order === 0 ? Math.max(this.#declared, decided) : decided;
    this.advance(ctx);
  }

  /** Executes what is known to be chosen, as far as it is here. */
  advance(ctx: Ctx): void {
    while (this.applied < this.#declared) {
      const entry = this.log.get(this.applied + 1);
      if (entry === undefined || compareBallots(entry.ballot, this.#declaredBy) < 0) break;
      this.#execute(entry.batch, ctx);
    }
  }

  /** These batches were chosen in `slot` and those after it. Executes those that are due, durably. */
  learn(slot: Slot, batches: readonly Batch[], ctx: Ctx): void {
    const known = this.applied + 1 - slot;
    if (known < 0 || known >= batches.length) return;
    const news = batches.slice(known);
    ctx.persist({ type: 'learned', slot: this.applied + 1, batches: news });
    for (const batch of news) {
      this.log.set(this.applied + 1, noBallot, batch);
      this.#execute(batch, ctx);
    }
  }

  /** The next slot was chosen, by this node's own count. */
  choose(batch: Batch, ballot: Ballot, ctx: Ctx): void {
    const entry = this.log.get(this.applied + 1);
    if (entry !== undefined && compareBallots(entry.ballot, ballot) >= 0) {
      invariant(sameBatch(entry.batch, batch), 'one value is chosen in a slot');
      this.#execute(entry.batch, ctx);
    } else {
      this.learn(this.applied + 1, [batch], ctx);
    }
  }

  /** Goes on from a state that is ahead of this one. */
  install(machine: StateMachine): void {
    invariant(machine.applied > this.applied, 'a state may only be replaced by a later one');
    this.#machine = machine;
    this.log.skipTo(machine.applied);
    this.#events.observe(machine, null);
  }

  /** Forgets chosen slots that nobody needs; `settled` is what every live member has. */
  settle(settled: Slot): void {
    this.#settled = Math.max(this.#settled, settled);
    this.log.truncate(this.applied, this.#settled, this.#machine.bytes);
  }

  recoverState(slot: Slot, configurations: readonly Configuration[]): void {
    this.#machine = new StateMachine(slot, configurations);
    this.log.skipTo(slot);
  }

  /** Everything up to `slot` was known to be chosen, and was here. */
  recoverDecided(slot: Slot): void {
    while (this.applied < slot) {
      const entry = this.log.get(this.applied + 1);
      invariant(entry !== undefined, 'a slot that was chosen is in the log');
      this.#execute(entry.batch, null);
    }
    this.log.truncate(this.applied, this.applied, this.#machine.bytes);
  }

  recoverLearned(slot: Slot, batches: readonly Batch[]): void {
    if (slot + batches.length - 1 <= this.applied) return;
    this.recoverDecided(slot - 1);
    for (const batch of batches.slice(this.applied + 1 - slot)) {
      this.log.set(this.applied + 1, noBallot, batch);
      this.#execute(batch, null);
    }
  }

  /** What recovery has executed; a slot of which nothing is kept is in the state. */
  decideRecovered(ctx: Ctx): void {
    for (let slot = this.log.base + 1; slot <= this.applied; slot++) {
      const entry = this.log.get(slot);
      if (entry !== undefined) ctx.decide?.(`slot ${slot}`, entry.batch, showBatch);
    }
  }

  #execute(batch: Batch, ctx: Ctx | null): void {
    const slot = this.applied + 1;
    ctx?.decide?.(`slot ${slot}`, batch, showBatch);
    this.#machine.apply(slot, batch, (command, result) => {
      if (ctx === null) return;
      if (ctx.decide !== undefined) this.#decide(command, result, ctx.decide);
      this.#events.onExecuted(command, result, ctx);
    });
    if (ctx !== null) this.#keepChange(ctx);
    this.#events.observe(this.#machine, batch);
    this.log.pack(slot);
  }

  /**
   * That new members are in force must be known after a power cut: whoever has left is not there any more to say what was
   * chosen among the members before, and those who stay may be no majority of them.
   */
  #keepChange(ctx: Ctx): void {
    const { newestFrom } = this.#machine.membership;
    if (this.applied + 1 !== newestFrom) return;
    ctx.persist({ type: 'learned', slot: newestFrom, batches: [] });
  }

  /** A command is executed once, so its result names one version; and all agree on who takes part from which slot on. */
  #decide(
    { client, sequence, operation }: Command,
    result: ClientResult,
    decide: NonNullable<Ctx['decide']>,
  ): void {
    if (result.type === 'done' || result.type === 'committed') {
      decide(`command ${client}#${sequence}`, result.version.stamp, showStamp);
    }
    const configuration = this.#machine.membership.configurations.at(-1);
    if (operation.type !== 'reconfigure' || configuration === undefined) return;
    decide(`members from slot ${configuration.from}`, configuration.members.join(' '));
  }
}

const showStamp = (stamp: number): string => `version ${stamp}`;
