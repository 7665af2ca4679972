/**
 * Engine 2: whether one register's operations are linearizable, whatever their kinds and however often their values
 * repeat. Exponential only in how many open writes matter at once; see jit-search.ts for the algorithm and its source.
 */

import type { Budget, RegisterOperations, RegisterVerdict } from '../register/operations.js';
import { coreOf } from './core.js';
import { search } from './search.js';
import { timelineOf } from './timeline.js';
import { witnessOf } from './witness.js';

export function jit(operations: RegisterOperations, budget: Budget): RegisterVerdict {
  const timeline = timelineOf(operations);
  const result = search(timeline, [operations.initial], budget);
  switch (result.type) {
    case 'unknown':
      return result;
    case 'holds':
      return { type: 'holds', witness: witnessOf(timeline, result.trail, operations.initial) };
    default:
      return { type: 'violated', ...coreOf(timeline, result.place, budget) };
  }
}
