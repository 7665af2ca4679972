import type { NodeId } from '../../core/ids.js';

/** The bit of the sign is in no set. */
const bitsMax = 31;

/** Sets of peers, each a number with one bit a peer. Of more than 31 peers the others are in none. */
export class PeerSets {
  readonly #bits = new Map<NodeId, number>();
  #listed: readonly NodeId[] = [];
  #all = 0;

  /** All of these. Gives bits to those that have none. */
  allOf(peers: readonly NodeId[]): number {
    if (peers !== this.#listed) {
      this.#listed = peers;
      this.#all = 0;
      for (const peer of peers) this.#all |= this.bitOf(peer) || this.#newBit(peer);
    }
    return this.#all;
  }

  of(peers: Iterable<NodeId>): number {
    let set = 0;
    for (const peer of peers) set |= this.bitOf(peer);
    return set;
  }

  /** 0 of who is in no set. */
  bitOf(peer: NodeId): number {
    return this.#bits.get(peer) ?? 0;
  }

  namesIn(set: number): NodeId[] {
    return [...this.#bits].flatMap(([peer, bit]) => ((set & bit) === 0 ? [] : [peer]));
  }

  /** When none is left, the one that is in no set: then none has all of them. */
  #newBit(peer: NodeId): number {
    if (this.#bits.size >= bitsMax) return 1 << bitsMax;
    const bit = 1 << this.#bits.size;
    this.#bits.set(peer, bit);
    return bit;
  }
}
