/**
 * The other nodes as their coordinator sees them: who lives, and what each has.
 *
 * Nothing rests on this but availability, except for one thing: `probeOf` says which heartbeat a node has answered, and
 * reads rest on that (`read-index.ts`).
 */
import type { Millis, NodeId } from '../../../core/ids.js';
import type { Slot } from '../command.js';
import type { Of } from '../messages.js';
import { hasMajority } from '../state/membership.js';

interface Peer {
  heardAt: Millis;
  decided: Slot;
  probe: number;
}

export class Peers {
  readonly #self: NodeId;
  readonly #suspicionMs: Millis;
  readonly #peers = new Map<NodeId, Peer>();
  /** Everybody counts as heard then, at least. */
  #from: Millis;

  constructor(self: NodeId, suspicionMs: Millis, now: Millis) {
    this.#self = self;
    this.#suspicionMs = suspicionMs;
    this.#from = now;
  }

  /** This node was itself stopped for a while, and can't tell who else was silent. */
  giveTimeAnew(now: Millis): void {
    this.#from = now;
  }

  onAlive(from: NodeId, { probe, decided }: Of<'alive'>, now: Millis): void {
    const peer = this.#peers.get(from) ?? { heardAt: now, decided: 0, probe: 0 };
    peer.heardAt = now;
    peer.decided = Math.max(peer.decided, decided);
    peer.probe = Math.max(peer.probe, probe);
    this.#peers.set(from, peer);
  }

  forget(node: NodeId): void {
    this.#peers.delete(node);
  }

  probeOf(node: NodeId): number {
    return this.#peers.get(node)?.probe ?? 0;
  }

  decidedOf(node: NodeId): Slot {
    return this.#peers.get(node)?.decided ?? 0;
  }

  isLive(node: NodeId, now: Millis): boolean {
    return node === this.#self || this.#isHeard(this.#peers.get(node), now);
  }

  majorityLives(members: readonly NodeId[], now: Millis): boolean {
    return hasMajority(members, (node) => this.isLive(node, now));
  }

  /** What all live members have of what this node has. */
  settled(members: readonly NodeId[], applied: Slot, now: Millis): Slot {
    let settled = applied;
    for (const node of members) {
      const peer = this.#peers.get(node);
      if (node === this.#self || !this.#isHeard(peer, now)) continue;
      settled = Math.min(settled, peer?.decided ?? 0);
    }
    return settled;
  }

  /** Live members that lack something. */
  lagging(members: readonly NodeId[], applied: Slot, now: Millis): NodeId[] {
    return members.filter(
      (node) => node !== this.#self && this.isLive(node, now) && this.decidedOf(node) < applied,
    );
  }

  #isHeard(peer: Peer | undefined, now: Millis): boolean {
    return now - Math.max(peer?.heardAt ?? this.#from, this.#from) < this.#suspicionMs;
  }
}
