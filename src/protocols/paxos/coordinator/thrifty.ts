/**
 * Whom to ask first where a majority is enough: "thrifty" in Moraru, Andersen & Kaminsky 2013, who send to a quorum rather than
 * to all; Lamport & Massa 2004 ("Cheap Paxos") leave the others idle, too.
 *
 * Those who answered the last question to all soonest are asked alone. Somebody else must ask all again when they are silent:
 * then who hangs or has crashed is not among the soonest, and is not asked first again before it has answered so.
 */
import type { NodeId } from '../../../core/ids.js';

export class Thrifty {
  /** `null`: enough have answered the last question to all. */
  #answered: NodeId[] | null = null;
  #others: readonly NodeId[] = [];
  #soonest: readonly NodeId[] = [];

  /** All are asked, once more. */
  askAll(others: readonly NodeId[]): void {
    this.enoughOf(others);
    this.#answered = [];
  }

  /** Answers that question, for the first time. */
  onAnswer(from: NodeId): void {
    this.#answered?.push(from);
  }

  /** The fewest of `others` that make a majority with this node, who is a member as they are; all while that is not known. */
  enoughOf(others: readonly NodeId[]): readonly NodeId[] {
    if (others !== this.#others) {
      this.#others = others;
      this.#soonest = others;
    }
    if (this.#answered === null) return this.#soonest;
    const count = Math.ceil(others.length / 2);
    const answered = this.#answered.filter((node) => others.includes(node));
    if (answered.length >= count) {
      this.#soonest = answered.slice(0, count);
      this.#answered = null;
    }
    return this.#soonest;
  }
}
