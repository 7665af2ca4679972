/**
 * The phases that a coordinator has under way. Plain data in one Map, swept by one timer: at tens of thousands of
 * operations a second there is no room for a closure, a promise or a timer for each.
 */

import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import type { ClientResult, KeyOperation } from '../../../core/operation.js';
import type { StoredEntry } from '../../../core/replica.js';
import { TransientMap, TransientSet } from '../../../core/transient.js';
import type { Version } from '../../../core/version.js';
import type { Batches } from '../batches.js';
import type { FailureDetector } from '../failure-detector.js';
import type { Hints } from '../hints.js';
import type { HybridClock } from '../hybrid-clock.js';
import type { PhaseNumber } from '../messages.js';
import type { QuorumOptions } from '../options.js';
import type { Ring } from '../ring.js';
import type { Store } from '../store.js';

/** The parts of a replica that the others work with. */
export interface Parts {
  readonly self: NodeId;
  readonly peers: readonly NodeId[];
  readonly options: QuorumOptions;
  readonly ring: Ring;
  readonly clock: HybridClock;
  readonly store: Store;
  readonly hints: Hints;
  readonly detector: FailureDetector;
  readonly batches: Batches;
  readonly pending: PendingTable;
}

/** A client's request, as all its phases carry it along. */
export interface Ask {
  readonly id: RequestId;
  readonly operation: KeyOperation;
  /** The key's preference list. */
  readonly owners: readonly NodeId[];
  readonly timeoutMs: Millis;
  readonly deadline: Millis;
  /** How many replicas must answer a read phase, and acknowledge a write phase. */
  readonly readNeeded: number;
  readonly writeNeeded: number;
  readonly linearizable: boolean;
}

interface Phase {
  readonly number: PhaseNumber;
  readonly ask: Ask;
  /** Owners that have not answered this phase yet. */
  readonly waiting: NodeId[];
  /** The client has its answer; the phase lingers for those that have not answered. */
  answered: boolean;
  resendAt: Millis;
  resendAfter: Millis;
}

export interface WritePhase extends Phase {
  readonly kind: 'write';
  readonly entry: StoredEntry;
  readonly existed: boolean | null;
  /** How many owners hold the write, or something newer, durably. */
  acknowledgedCount: number;
  /** Owners that were out of reach, and have not been asked. */
  missed: readonly NodeId[];
  /** The greatest stamp that a replica held instead, 0 when none did. */
  newerStamp: number;
  /** Whether a newer stamp may still be answered by a greater one, see `writes.ts`. */
  readonly mayStampAnew: boolean;
}

export interface ReadPhase extends Phase {
  readonly kind: 'read';
  /** What the replies are for: to answer a get, to find a greater stamp, or to check a condition. */
  readonly purpose: 'get' | 'stamp' | 'condition';
  /** `imposing`: enough have answered, and the newest version is being written back to the stale among them. */
  state: 'gathering' | 'imposing' | 'lingering';
  /** What the client gets once the newest version is where it must be; set when `gathering` ends. */
  result: ClientResult | null;
  best: { readonly version: Version; readonly value: Uint8Array | null } | null;
  /** Who is known to hold `best` or something newer, and who to hold less. */
  current: NodeId[];
  stale: NodeId[];
  lingerUntil: Millis;
}

export type PendingPhase = ReadPhase | WritePhase;

export class PendingTable {
  readonly #phases = new TransientMap<PhaseNumber, PendingPhase>();
  /** Those that were answered and wait for stragglers, longest first. */
  readonly #lingering = new TransientSet<PendingPhase>();
  readonly #pendingMax: number;

  constructor(pendingMax: number) {
    this.#pendingMax = pendingMax;
  }

  get size(): number {
    return this.#phases.size;
  }

  /** No further operation may begin before one of those under way is answered. */
  get full(): boolean {
    return this.#phases.size - this.#lingering.size >= this.#pendingMax;
  }

  /** The one that has lingered longest, when more do than may. */
  lingererBeyondBound(): PendingPhase | null {
    if (this.#lingering.size <= this.#pendingMax) return null;
    for (const phase of this.#lingering) return phase;
    return null;
  }

  add(phase: PendingPhase): void {
    this.#phases.set(phase.number, phase);
  }

  get(number: PhaseNumber): PendingPhase | undefined {
    return this.#phases.get(number);
  }

  markAnswered(phase: PendingPhase): void {
    phase.answered = true;
    this.#lingering.add(phase);
  }

  delete(phase: PendingPhase): void {
    this.#phases.delete(phase.number);
    if (phase.answered) this.#lingering.delete(phase);
  }

  phases(): Iterable<PendingPhase> {
    return this.#phases.values();
  }
}

/** Takes `node` off the list. False when it is not on it: a duplicate, or an answer of somebody not asked. */
export function strike(waiting: NodeId[], node: NodeId): boolean {
  const at = waiting.indexOf(node);
  if (at < 0) return false;
  // Splicing would make a list of what it takes out.
  for (let next = at + 1; next < waiting.length; next++)
    waiting[next - 1] = waiting[next] as NodeId;
  waiting.pop();
  return true;
}
