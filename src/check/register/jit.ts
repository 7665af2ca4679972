/**
 * Engine 2: whether one register's operations are linearizable, whatever their kinds and however often their values
 * repeat. Exponential only in how many open writes matter at once; see jit-search.ts for the algorithm and its source.
 */
import { coreOf } from './jit-core.js';
import { search } from './jit-search.js';
import { timelineOf } from './jit-timeline.js';
import { witnessOf } from './jit-witness.js';
import type { Budget, RegisterOperations, RegisterVerdict } from './operations.js';

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
