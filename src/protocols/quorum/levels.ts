/**
 * How many replicas must take part: Dynamo's R and W (SOSP 2007, section 4.5), by name, for each request.
 *
 * With R + W > N every read meets every completed write at one replica at least. `linearizable` counts like `quorum`
 * but adds the phase that regular quorums lack, see `coordinator/abd.ts`.
 */
import type { Level } from '../../core/operation.js';
import { levelError } from '../mode.js';

export const levelNames = ['one', 'two', 'quorum', 'all', 'linearizable'] as const;

export interface Requirement {
  /** How many replicas. */
  readonly needed: number;
  readonly linearizable: boolean;
}

export function majorityOf(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

/** What a level asks of `replicas` replicas. Throws `bad-request` (definite) for a level that does not exist here. */
export function requirementOf(level: Level, replicas: number): Requirement {
  const needed = typeof level === 'number' ? level : neededFor(level, replicas);
  if (needed === null || !Number.isInteger(needed) || needed < 1 || needed > replicas) {
    throw levelError('quorum', level, levelNames, replicas);
  }
  return { needed, linearizable: level === 'linearizable' };
}

function neededFor(name: string, replicas: number): number | null {
  switch (name) {
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
      return null;
  }
}
