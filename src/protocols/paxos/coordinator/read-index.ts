/**
 * Reads that cost no log entry: the coordinator's side (Ongaro's thesis, section 6.4).
 *
 * 1. "If the leader has not yet marked an entry from its current term committed, it waits until it has done so": the
 *    slot given out is at least the first that this ballot filled anew, and whoever reads waits until it is executed.
 * 2. "The leader saves its current commit index": the newest slot known to be chosen when the question came.
 * 3. "The leader needs to make sure it hasn't been superseded by a newer leader of which it is unaware. It issues a new
 *    round of heartbeats and waits for their acknowledgments from a majority of the cluster": whoever answers a
 *    heartbeat had promised nothing higher when it did. Any newer coordinator needs promises from a majority before it
 *    can have anything chosen; one of ours would have been among them, and it promised only later than it answered. So
 *    when the question came, nothing had been chosen by anybody newer.
 *    Ours: so does a question, which leaves after its reads have come. Where a majority is two nodes, a follower's question is
 *    answered without a round.
 * 4. The reader waits until it has executed that slot, and reads its own state.
 *
 * One round serves all the questions of a turn, and of all turns that were waiting. The majority is one of the members
 * in force and, when others are about to be, one of those, too. It asks no more than a majority at first (`thrifty.ts`).
 */
import type { NodeId } from '../../../core/ids.js';
import type { Slot } from '../command.js';

interface Question {
  readonly from: NodeId;
  readonly number: number;
}

interface Round {
  /** The heartbeat that must be answered. */
  readonly probe: number;
  readonly slot: Slot;
  readonly questions: readonly Question[];
}

export interface Answer extends Question {
  readonly slot: Slot;
}

export class ReadIndex {
  #waiting: Question[] = [];
  #rounds: Round[] = [];

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  get roundCount(): number {
    return this.#rounds.length;
  }

  isAskedByOthersThan(self: NodeId): boolean {
    return this.#waiting.some(({ from }) => from !== self);
  }

  ask(from: NodeId, number: number): void {
    this.#waiting.push({ from, number });
  }

  /** What waits may be answered with `slot`, once a majority has answered heartbeat `probe`, which leaves in this turn. */
  begin(probe: number, slot: Slot): void {
    this.#rounds.push({ probe, slot, questions: this.#waiting });
    this.#waiting = [];
  }

  /** The answers that are free now. `confirmed`: whether a majority has answered this heartbeat, or a later one. */
  settle(confirmed: (probe: number) => boolean): Answer[] {
    const answers: Answer[] = [];
    let settled = 0;
    for (const { probe, slot, questions } of this.#rounds) {
      if (!confirmed(probe)) break;
      for (const { from, number } of questions) answers.push({ from, number, slot });
      settled += 1;
    }
    if (settled > 0) this.#rounds = this.#rounds.slice(settled);
    return answers;
  }
}
