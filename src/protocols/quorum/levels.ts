/**
 * How many replicas must take part: Dynamo's R and W (SOSP 2007, section 4.5), by name, for each request.
 *
 * With R + W > N every read meets every completed write at one replica at least. `linearizable` counts like `quorum`
 * but adds the phase that regular quorums lack, see `coordinator/coordinator.ts`.
 */

import { invariant } from '../../core/invariant.js';
import type { Level } from '../../core/operation.js';
import type { Consistency } from '../catalog.js';

export interface Requirement {
  /** How many replicas. */
  readonly needed: number;
  readonly linearizable: boolean;
}

export function majorityOf(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

/** What a level of this mode asks of `replicas` replicas. */
export function requirementOf(level: Level, replicas: number): Requirement {
  const needed = neededFor(level, replicas);
  invariant(needed <= replicas, `the catalogue has refused level ${level}`);
  return { needed, linearizable: level === 'linearizable' };
}

/**
 * Regular needs R + W > N, so that a read meets the write; and 2W > N, so that a write meets the one before and is
 * stamped above it, however their clocks differ.
 */
export function consistencyOfQuorums(read: Level, write: Level, replicas: number): Consistency {
  const [r, w] = [requirementOf(read, replicas), requirementOf(write, replicas)];
  if (r.linearizable && w.linearizable) return 'linearizable';
  const meets = r.needed + w.needed > replicas && w.needed >= majorityOf(replicas);
  return meets ? 'regular' : 'eventual';
}

function neededFor(level: Level, replicas: number): number {
  switch (level) {
    case 'one':
      return 1;
    case 'two':
      return 2;
    case 'quorum':
    case 'linearizable':
      return majorityOf(replicas);
    case 'all':
      return replicas;
    default:
      return typeof level === 'number' ? level : Number.POSITIVE_INFINITY;
  }
}
