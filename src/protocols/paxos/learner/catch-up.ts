/**
 * Learning what one has missed, by asking: the side that asks.
 *
 * A node that hears of chosen slots which it does not have asks whoever told it, from the first one missing. The answer
 * is either the next batches of the log, or, when they are gone there, the first chunk of a snapshot; then it asks for
 * chunk after chunk. One question is under way at a time, and an answer that does not come is asked for again: so the
 * pace is the asker's, whatever is lost costs one question, and the other side need not remember more than where a
 * transfer stands.
 *
 * Chunks are put aside (`stage`), durably, until the last is there; then they become the state at once (Chandra et al.
 * 2007, section 5.4: catch-up of a "lagging replica"). A node that crashes half-way goes on with the next chunk if the
 * other side still has the transfer, and begins anew otherwise.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import { PeerFault } from '../../../core/invariant.js';
import type { Slot } from '../command.js';
import type { Ctx, Of, TransferId } from '../messages.js';
import { times } from '../options.js';
import { type DurableRecord, restoreItem, type StateItem } from '../records.js';
import { StateMachine } from '../state/state-machine.js';
import type { Learner } from './learner.js';

type Staged = Extract<DurableRecord, { readonly type: 'staged' }>;

interface Stage {
  readonly transfer: TransferId;
  readonly slot: Slot;
  readonly chunks: (readonly StateItem[])[];
}

export class CatchUp {
  readonly #learner: Learner;
  #stage: Stage | null = null;
  #target: Slot = 0;
  #source: NodeId = '';
  #askedAt: Millis = Number.NEGATIVE_INFINITY;
  /** Questions that brought no answer, one after another. */
  #unanswered = 0;

  constructor(learner: Learner) {
    this.#learner = learner;
  }

  /** How many slots are known to be missing. */
  get missingCount(): number {
    return Math.max(0, this.#target - this.#learner.applied);
  }

  /** `source` has all slots up to `target`. */
  want(target: Slot, source: NodeId): void {
    if (target <= this.#learner.applied) return;
    this.#target = target;
    if (source === this.#source) return;
    this.#source = source;
    this.#ask();
  }

  /** True when the state was replaced by a later one. */
  onChunk(from: NodeId, message: Of<'chunk'>, ctx: Ctx): boolean {
    const { transfer, slot, index, last, items } = message;
    if (transfer.source !== from || slot <= this.#learner.applied) return false;
    const record: Staged = { type: 'staged', ...transfer, slot, index, last, items };
    const taken = this.#take(record);
    if (taken === 'ignored') return false;
    ctx.persist(record);
    this.#source = from;
    this.#ask();
    return taken === 'installed';
  }

  onLearn(from: NodeId, message: Of<'learn'>, ctx: Ctx): void {
    if (from === this.#source) this.#target = Math.max(this.#target, message.decided);
    this.#learner.learn(message.slot, message.batches, ctx);
    // Whoever has nothing for us yet is not asked again at once.
    if (message.batches.length > 0) this.#ask();
  }

  onTurnEnd(ctx: Ctx): void {
    if (this.missingCount === 0 || ctx.now - this.#askedAt < times.fetchMs) return;
    // A transfer whose source does not answer any more is given up.
    if (this.#unanswered >= 4) this.#stage = null;
    this.#unanswered += 1;
    this.#askedAt = ctx.now;
    if (this.#stage === null || this.#stage.transfer.source !== this.#source) {
      ctx.sendUnsynced(this.#source, { type: 'fetch', slot: this.#learner.applied + 1 });
    } else {
      const { transfer, chunks } = this.#stage;
      const index = chunks.length;
      ctx.sendUnsynced(this.#source, { type: 'fetch-chunk', transfer, index });
    }
  }

  recover(record: Staged): void {
    if (record.slot > this.#learner.applied) this.#take(record);
  }

  /** Records that bring the stage back. */
  capture(): Staged[] {
    if (this.#stage === null || this.#stage.slot <= this.#learner.applied) return [];
    const { transfer, slot, chunks } = this.#stage;
    const same = { type: 'staged', ...transfer, slot, last: false } as const;
    return chunks.map((items, index) => ({ ...same, index, items }));
  }

  /** Puts the next chunk aside, and installs the state with the last one. */
  #take(record: Staged): 'ignored' | 'staged' | 'installed' {
    const { source, number, slot, index, last, items } = record;
    const known = this.#stage?.transfer;
    if (known?.source !== source || known.number !== number) {
      if (index !== 0) return 'ignored';
      this.#stage = { transfer: { source, number }, slot, chunks: [] };
    }
    const stage = this.#stage as Stage;
    if (index !== stage.chunks.length) return 'ignored';
    stage.chunks.push(items);
    if (!last) return 'staged';
    this.#stage = null;
    const machine = new StateMachine(slot, []);
    for (const chunk of stage.chunks) for (const item of chunk) restoreItem(machine, item);
    const { configurations } = machine.membership;
    if (configurations.length === 0 || configurations.some(({ members }) => members.length === 0)) {
      throw new PeerFault('a state without members');
    }
    this.#learner.install(machine);
    return 'installed';
  }

  /** An answer came, or the source is a new one: the next question leaves at the end of this turn. */
  #ask(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#unanswered = 0;
  }
}
