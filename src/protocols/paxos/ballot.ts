/**
 * Ballots and priorities.
 *
 * A ballot is a pair of a round and the node that leads it, ordered lexicographically (van Renesse & Altinbuken 2015,
 * section 2.2), so that no two nodes ever lead the same one. Lamport's proposal number n (2001, section 2.2) is the
 * same thing: "different proposals have different numbers".
 */
import type { NodeId } from '../../core/ids.js';
import { compareNodes } from '../../core/node-order.js';
import { name, type Shaped, struct } from '../../core/wire.js';
import { counter } from '../shared/number-guard.js';

export const ballotShape = struct({ round: counter, node: name });
export type Ballot = Shaped<typeof ballotShape>;

/** Below every ballot that anybody leads. */
export const noBallot: Ballot = { round: 0, node: '' };

export function compareBallots(a: Ballot, b: Ballot): number {
  if (a.round !== b.round) return a.round - b.round;
  if (a.node === b.node) return 0;
  return a.node < b.node ? -1 : 1;
}

export function showBallot(ballot: Ballot): string {
  return ballot.round === 0 ? '-' : `${ballot.round}.${ballot.node}`;
}

/**
 * Which of the live nodes should coordinate: the one listed first; those not listed come after all that are, the
 * highest id first (`n10` is higher than `n9`).
 */
export class Priorities {
  readonly #listed: readonly NodeId[];

  constructor(listed: readonly NodeId[]) {
    this.#listed = listed;
  }

  isHigher(a: NodeId, b: NodeId): boolean {
    return this.#compare(a, b) < 0;
  }

  /** Highest first. */
  sort(nodes: readonly NodeId[]): NodeId[] {
    return [...nodes].sort((a, b) => this.#compare(a, b));
  }

  /** Negative when `a` comes first. */
  #compare(a: NodeId, b: NodeId): number {
    const [placeA, placeB] = [this.#place(a), this.#place(b)];
    if (placeA !== placeB) return placeA - placeB;
    return -compareNodes(a, b);
  }

  #place(node: NodeId): number {
    const at = this.#listed.indexOf(node);
    return at === -1 ? this.#listed.length : at;
  }
}
