/**
 * Takes in another worker's store, see `copy-source.ts`. Each piece is durable before it is acknowledged; entries merge
 * by version, so pieces that overlap, and commits that are still to come here, do no harm. When the last piece is here
 * and nothing is in doubt any more the coordinator hears that this worker has caught up.
 */
import type { NodeId } from '../../../core/ids.js';
import type { Line } from '../line.js';
import type { Ctx, JoinNumber, Message } from '../messages.js';
import type { Participant } from './participant.js';

export class CopyTarget {
  readonly #participant: Participant;
  /** `null`: no join under way. */
  #join: { readonly join: JoinNumber; readonly source: NodeId } | null = null;
  #pieces = 0;
  #complete = false;

  constructor(participant: Participant) {
    this.#participant = participant;
  }

  /** Pieces copied in the join under way. */
  get copied(): number {
    return this.#pieces;
  }

  get source(): NodeId | null {
    return this.#join?.source ?? null;
  }

  start(join: JoinNumber, source: NodeId, reset: boolean, ctx: Ctx): void {
    this.#join = { join, source };
    this.#pieces = 0;
    this.#complete = false;
    if (reset) this.#participant.reset(join, ctx);
  }

  stop(join: JoinNumber | null): void {
    if (join !== null && this.#join?.join !== join) return;
    this.#join = null;
    this.#pieces = 0;
    this.#complete = false;
  }

  onCopy(from: NodeId, copy: Extract<Message, { type: 'copy' }>, ctx: Ctx): void {
    if (this.#join?.join !== copy.join || this.#join.source !== from) return;
    const { join, number, entries, last } = copy;
    if (number > this.#pieces + 1) return;
    if (number === this.#pieces + 1) {
      this.#pieces = number;
      this.#participant.merge(entries);
      if (entries.length > 0) ctx.persist({ type: 'entries', entries });
      if (last) this.#complete = true;
    }
    ctx.send(from, { type: 'copied', join, number });
  }

  /** Reports once, when everything is here and decided. */
  report(line: Line, ctx: Ctx): void {
    if (this.#join === null || !this.#complete || this.#participant.inDoubt.size > 0) return;
    line.send({ type: 'caught-up', join: this.#join.join }, ctx);
    this.stop(this.#join.join);
  }
}
