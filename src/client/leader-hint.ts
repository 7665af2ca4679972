import type { Millis, NodeId } from '../core/ids.js';

/** One that has failed to answer is tried again no more often. */
const retryMs: Millis = 1_000;

/**
 * Who leads, by the latest word of any node. It is a hint: when that one fails to answer, clients ask in turn as they would
 * without it, and only one operation a second tries it again, until one is answered or some node names the leader anew.
 */
export class LeaderHint {
  #leader: NodeId | null = null;
  /** When it may be tried again; `null`: it is not in doubt. */
  #retryAt: Millis | null = null;

  named(leader: NodeId): void {
    this.#leader = leader;
    this.#retryAt = null;
  }

  /** Whom the operation that asks is to begin with; `null`: nobody in particular. */
  toAsk(now: Millis): NodeId | null {
    if (this.#retryAt === null) return this.#leader;
    if (now < this.#retryAt) return null;
    this.#retryAt = now + retryMs;
    return this.#leader;
  }

  failed(node: NodeId, now: Millis): void {
    if (node === this.#leader) this.#retryAt = now + retryMs;
  }

  answered(node: NodeId): void {
    if (this.#retryAt !== null && node === this.#leader) this.#retryAt = null;
  }
}
