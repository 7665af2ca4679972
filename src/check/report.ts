/** What `check` answers. Plain data: it can be printed as JSON as it is. */
import type { FaultSpan } from '../history/faults.js';
import type { Kind, Outcome } from '../history/history.js';
import type { ModelName } from './models.js';

export type { ModelName } from './models.js';

export interface CheckReport {
  readonly operations: number;
  readonly keys: number;
  readonly processes: number;
  readonly transactions: number;
  /** Of the history's clock, from the first beginning to the last end. */
  readonly durationNs: number;
  /** What keys held before all operations, where that was not nothing: `x held 0 at first`. */
  readonly initial: InitialReport | null;
  /** The strongest model that holds; `null` when none of those asked for does. */
  readonly strongest: ModelName | null;
  /** Those asked for, strongest first. */
  readonly models: readonly ModelReport[];
  /** Against the weakest violated model above the strongest that holds; `null` when there is none. */
  readonly evidence: Evidence | null;
  /** How old the values were that reads returned; `null` when all were fresh. */
  readonly staleness: Staleness | null;
}

export interface InitialReport {
  readonly sentence: string;
  /** Nobody said so: it was read before anybody wrote it, and explains the history. */
  readonly isAssumed: boolean;
  /** What was said; absent where it is assumed. */
  readonly given?: string;
}

export type Verdict = 'holds' | 'violated' | 'unknown';

export interface ModelReport {
  readonly model: ModelName;
  readonly title: string;
  readonly verdict: Verdict;
  /** One line: why. */
  readonly reason: string;
  /** The verdict on another model, from which this one follows. */
  readonly follows: ModelName | null;
  readonly evidence: Evidence | null;
}

/** A few operations that by themselves already violate the model. */
export interface Evidence {
  readonly model: ModelName;
  /** What went wrong, by its name: `stale read`, `lost update`, `G-single`. */
  readonly anomaly: string;
  /** `null` where it takes more than one key. */
  readonly key: string | null;
  readonly sentence: string;
  readonly because: readonly string[];
  /** In the order in which they began. */
  readonly operations: readonly EvidenceOperation[];
  /** What was broken on purpose meanwhile, in the order in which it began; absent: the history tells of no fault at all. */
  readonly faults?: readonly EvidenceFault[];
}

/** A fault that was on between the first beginning and the last end of the operations. */
export interface EvidenceFault extends Omit<FaultSpan, 'endedAt'> {
  /** Nanoseconds; `null`: not before the history ended. */
  readonly endedAt: number | null;
}

export interface EvidenceOperation {
  /** In the history, from 0. */
  readonly index: number;
  /** Of its invocation in the file, from 1. */
  readonly line: number;
  readonly process: number;
  readonly session: string | null;
  readonly node: string | null;
  readonly key: string | null;
  readonly f: Kind;
  readonly outcome: Outcome;
  /** As short as it can be said: `put 9`, `get → 7`. */
  readonly label: string;
  /** Who did it: `client 3`. */
  readonly who: string;
  /** Nanoseconds; `null`: it may have ended at any later time. */
  readonly invokedAt: number;
  readonly returnedAt: number | null;
  /** The one that should not have been. */
  readonly isCulprit: boolean;
}

/** Percentiles and the greatest. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Staleness {
  /** Reads that returned what had surely been overwritten. */
  readonly staleReads: number;
  /** All reads that say what they found, stale or not. */
  readonly reads: number;
  /** Of the stale reads: how many newer versions there were at least. */
  readonly versions: Spread;
  /**
   * The least Δ such that the history would be linearizable if every read had begun Δ earlier (Golab, Li & Shah 2011),
   * over all keys; `null` when no Δ will do, or it was not found in time.
   */
  readonly deltaNs: number | null;
  /** Of the stale reads: since when, at least, their values had been overwritten. */
  readonly ageNs: Spread;
  /** The worst read; `null` when no value had surely been overwritten before it was read. */
  readonly worst: EvidenceOperation | null;
  /** One sentence: how many, how old, how many versions. */
  readonly sentence: string;
}
