/**
 * Whom this node can reach, as far as it knows.
 *
 * Links may be missing, and nobody says which: a peer that does not answer is silent until it is heard again. Silent
 * peers are left out, save for an attempt now and then, so that broken links cost little and mended ones are found soon.
 * Only peers that were asked and did not answer take any memory.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Random } from '../../core/random.js';
import type { GossipOptions } from './options.js';
import { bounds, times } from './options.js';

interface Silence {
  /** Attempts since it fell silent. */
  attempts: number;
  nextAt: Millis;
}

/** Among so few, all that may be picked are listed; among more, one is drawn until one fits. */
const listedMax = 64;

export class Peers {
  readonly #intervalMs: Millis;
  readonly #silenceMs: Millis;
  readonly #asked = new Map<NodeId, Millis>();
  readonly #silent = new Map<NodeId, Silence>();

  constructor({ intervalMs }: GossipOptions) {
    this.#intervalMs = intervalMs;
    this.#silenceMs = Math.max(times.silenceMs, 2 * intervalMs);
  }

  /** A message came from it. True when it had been silent. */
  heard(peer: NodeId): boolean {
    this.#asked.delete(peer);
    return this.#silent.delete(peer);
  }

  /** It was sent something that it will answer. */
  asked(peer: NodeId, now: Millis): void {
    const silence = this.#silent.get(peer);
    if (silence !== undefined) {
      silence.attempts += 1;
      silence.nextAt = now + this.#backoffMs(silence.attempts);
    } else if (!this.#asked.has(peer)) {
      this.#asked.set(peer, now);
    }
  }

  /** Looks for those who have not answered for too long, and returns them. */
  check(now: Millis): NodeId[] {
    const found: NodeId[] = [];
    for (const [peer, since] of this.#asked) {
      if (now - since < this.#silenceMs) continue;
      this.#asked.delete(peer);
      this.#silent.set(peer, { attempts: 0, nextAt: now + this.#backoffMs(0) });
      found.push(peer);
    }
    for (const peer of this.#silent.keys()) {
      if (this.#silent.size <= bounds.silentMax) break;
      this.#silent.delete(peer);
    }
    return found;
  }

  forget(peer: NodeId): void {
    this.#asked.delete(peer);
    this.#silent.delete(peer);
  }

  isSilent(peer: NodeId): boolean {
    return this.#silent.has(peer);
  }

  get silentCount(): number {
    return this.#silent.size;
  }

  get silent(): readonly NodeId[] {
    return [...this.#silent.keys()];
  }

  /** Silent peers whose turn for another attempt has come. */
  due(now: Millis): NodeId[] {
    const due = [...this.#silent].filter(([, { nextAt }]) => nextAt <= now);
    due.sort(([, a], [, b]) => a.nextAt - b.nextAt);
    return due.slice(0, bounds.silentTriedMax).map(([peer]) => peer);
  }

  /** When the next such turn comes; `Infinity` when nobody is silent. */
  get nextDueAt(): Millis {
    let next = Number.POSITIVE_INFINITY;
    for (const { nextAt } of this.#silent.values()) next = Math.min(next, nextAt);
    return next;
  }

  /** Up to `count` different ones of `partners` by chance, none of them silent or not `wanted`. */
  pick(
    partners: readonly NodeId[],
    count: number,
    random: Random,
    wanted: (peer: NodeId) => boolean = () => true,
  ): NodeId[] {
    const fits = (peer: NodeId): boolean => !this.#silent.has(peer) && wanted(peer);
    const picked: NodeId[] = [];
    if (partners.length <= listedMax) {
      const left = partners.filter(fits);
      while (picked.length < count && left.length > 0) {
        picked.push(...left.splice(random.below(left.length), 1));
      }
      return picked;
    }
    for (let draws = 8 * count; draws > 0 && picked.length < count; draws--) {
      const peer = random.pick(partners);
      if (fits(peer) && !picked.includes(peer)) picked.push(peer);
    }
    return picked;
  }

  #backoffMs(attempts: number): Millis {
    return this.#intervalMs * Math.min(2 ** attempts, bounds.silentIntervalsMax);
  }
}
