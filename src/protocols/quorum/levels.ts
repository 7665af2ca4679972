/**
 * How many replicas must take part: Dynamo's R and W (SOSP 2007, section 4.5), by name, for each request.
 *
 * With R + W > N every read meets every completed write at one replica at least. `linearizable` counts like `quorum`
 * but adds the phase that regular quorums lack, see `coordinator/coordinator.ts`.
 */

import { invariant } from '../../core/invariant.js';
import type { Level } from '../../core/operation.js';
import type { Consistency } from '../catalog.js';

export function majorityOf(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

/**
 * Regular needs R + W > N, so that a read meets the write; and 2W > N, so that a write meets the one before and is
 * stamped above it, however their clocks differ.
 */
export function consistencyOfQuorums(read: Level, write: Level, replicas: number): Consistency {
  if (read === 'linearizable' && write === 'linearizable') return 'linearizable';
  const [r, w] = [neededFor(read, replicas), neededFor(write, replicas)];
  const meets = r + w > replicas && w >= majorityOf(replicas);
  return meets ? 'regular' : 'eventual';
}

/** How many of so many replicas a level of this mode asks for. */
export function neededFor(level: Level, replicas: number): number {
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
      invariant(
        typeof level === 'number' && level <= replicas,
        `the catalogue has refused ${level}`,
      );
      return level;
  }
}
