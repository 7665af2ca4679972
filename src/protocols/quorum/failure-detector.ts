/**
 * Who is believed to be out of reach (Dynamo, section 4.8.3: a purely local notion of failure).
 *
 * Any message is a sign of life; heartbeats make sure there are some. A peer that has been silent for `suspicionMs` is
 * suspected until it is heard again. The belief may be wrong in both directions, and nothing rests on it but
 * availability: whom to ask at all, and when to stop waiting.
 *
 * A process that was itself stopped (SIGSTOP, a long collection, a laptop's lid) wakes to find everybody silent for as
 * long as it slept. So a gap in its own activity is noticed first, and then every peer gets its time anew.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { QuorumOptions } from './options.js';

type Times = Pick<QuorumOptions, 'heartbeatMs' | 'suspicionMs'>;

export class FailureDetector {
  readonly #self: NodeId;
  readonly #suspicionMs: Millis;
  /** A heartbeat's timer fires in every `heartbeatMs`: a longer time without any turn is a pause. */
  readonly #pauseMs: Millis;
  readonly #lastHeard: Map<NodeId, Millis>;
  readonly #suspects = new Set<NodeId>();
  /** Peers not heard yet since the start: given their time, but what they hold is unknown. */
  readonly #unheard: Set<NodeId>;
  #lastTurn: Millis = 0;

  constructor(self: NodeId, peers: readonly NodeId[], { heartbeatMs, suspicionMs }: Times) {
    this.#self = self;
    this.#suspicionMs = suspicionMs;
    this.#pauseMs = Math.min(3 * heartbeatMs, Math.max(suspicionMs / 2, heartbeatMs * 1.5));
    this.#unheard = new Set(peers);
    this.#lastHeard = new Map(peers.map((peer) => [peer, 0]));
  }

  start(now: Millis): void {
    this.#lastTurn = now;
    this.#giveTimeAnew(now);
  }

  /** To be called first in every turn. True when this process seems to have been stopped since the last one. */
  wasPaused(now: Millis): boolean {
    const gap = now - this.#lastTurn;
    this.#lastTurn = now;
    if (gap <= this.#pauseMs) return false;
    this.#giveTimeAnew(now);
    return true;
  }

  /** A message came from `peer`. True when it is there again: after suspicion, or first since this node's start. */
  heard(peer: NodeId, now: Millis): boolean {
    this.#lastHeard.set(peer, now);
    const isFirst = this.#unheard.delete(peer);
    return this.#suspects.delete(peer) || isFirst;
  }

  /** Looks for those who have been silent too long; returns those who were not suspected before. */
  check(now: Millis): NodeId[] {
    const silent = [...this.#lastHeard].filter(([, heard]) => now - heard >= this.#suspicionMs);
    const found = silent.map(([peer]) => peer).filter((peer) => !this.#suspects.has(peer));
    for (const peer of found) this.#suspects.add(peer);
    return found;
  }

  isAlive(node: NodeId): boolean {
    return node === this.#self || !this.#suspects.has(node);
  }

  /** In the cluster's order. */
  get suspects(): readonly NodeId[] {
    return [...this.#lastHeard.keys()].filter((peer) => this.#suspects.has(peer));
  }

  #giveTimeAnew(now: Millis): void {
    for (const peer of this.#lastHeard.keys()) this.#lastHeard.set(peer, now);
  }
}
