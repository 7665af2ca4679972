/**
 * Engine 2: whether one register's operations are linearizable, whatever their kinds and however often their values
 * repeat. Exponential only in how many open writes matter at once; see search.ts for the algorithm and its source.
 */
import type { Budget } from '../budget.js';
import type { OrderDecision, RegisterOperations } from '../register/operations.js';
import { linearize } from './search.js';
import { timelineOf } from './timeline.js';
import { witnessOf } from './witness.js';

export function decideByJit(operations: RegisterOperations, budget: Budget): OrderDecision {
  const timeline = timelineOf(operations);
  const result = linearize(timeline, [operations.initial], budget);
  if (result.type === 'unknown') return result;
  if (result.type === 'holds') {
    return { witness: witnessOf(timeline, result.trail, operations.initial) };
  }
  const ended = timeline.events.subarray(0, result.place + 1).filter((event) => event % 2 === 1);
  return { suspects: [...ended].map((event) => event >> 1) };
}
