/**
 * What a coordinator says without an Accept: what is chosen, and a question, the *probe*: do you know of nobody newer? Everybody
 * is asked in every tick; for readers (`read-index.ts`) only as many as are enough, see `thrifty.ts`.
 */
import type { NodeId } from '../../../core/ids.js';
import type { Ballot } from '../ballot.js';
import type { Slot } from '../command.js';
import type { Ctx, Message } from '../messages.js';
import { Thrifty } from './thrifty.js';

/** To whom, and what it says. */
export interface Beat {
  readonly others: readonly NodeId[];
  readonly decided: Slot;
  readonly settled: Slot;
}

export class Heartbeats {
  readonly #ballot: Ballot;
  readonly #thrifty = new Thrifty();
  #probe = 0;
  /** The newest that all were asked. */
  #probeOfAll = 0;
  /** What the others have been told to be chosen: nothing yet, not even that this node leads. */
  #told: Slot = -1;
  /** Up to where somebody waits to hear it. The rest is said with the next Accept, or before long. */
  #awaited: Slot = 0;

  constructor(ballot: Ballot) {
    this.#ballot = ballot;
  }

  /** The newest question. */
  get probe(): number {
    return this.#probe;
  }

  /** The newest question has gone to a few. */
  get hasAskedFew(): boolean {
    return this.#probe > this.#probeOfAll;
  }

  awaits(slot: Slot): void {
    if (slot > this.#awaited) this.#awaited = slot;
  }

  isAwaited(decided: Slot): boolean {
    return this.#told < Math.min(decided, this.#awaited);
  }

  hasTold(decided: Slot): boolean {
    return this.#told >= decided;
  }

  /** An Accept has said so to all. */
  noteTold(decided: Slot): void {
    this.#told = decided;
  }

  /** Nobody need answer who has answered already. */
  tell({ others, decided, settled }: Beat, ctx: Ctx): void {
    const [ballot, probe] = [this.#ballot, this.#probeOfAll];
    const message: Message = { type: 'heartbeat', ballot, decided, settled, probe };
    for (const node of others) ctx.sendUnsynced(node, message);
    this.#told = decided;
  }

  askAll(beat: Beat, ctx: Ctx): void {
    this.#probe += 1;
    this.#probeOfAll = this.#probe;
    this.#thrifty.askAll(beat.others);
    this.tell(beat, ctx);
  }

  /** A majority, with this node; all, if somebody waits to be told what is chosen. */
  askEnough(beat: Beat, ctx: Ctx): void {
    const { others, decided, settled } = beat;
    const enough = this.#thrifty.enoughOf(others);
    if (enough === others || this.isAwaited(decided)) return this.askAll(beat, ctx);
    this.#probe += 1;
    const [ballot, probe] = [this.#ballot, this.#probe];
    const message: Message = { type: 'heartbeat', ballot, decided, settled, probe };
    for (const node of enough) ctx.sendUnsynced(node, message);
  }

  /** A node that had answered no question after `before` answers `probe`. */
  onAnswer(from: NodeId, before: number, probe: number): void {
    if (before < this.#probeOfAll && probe >= this.#probeOfAll) this.#thrifty.onAnswer(from);
  }
}
