/**
 * Engine 2: whether one register's operations are linearizable, whatever their kinds and however often their values
 * repeat. Exponential only in how many open writes matter at once; see jit-search.ts for the algorithm and its source.
 */

import { registerCore } from '../cores/register-core.js';
import type {
  Budget,
  RegisterOperations,
  RegisterVerdict,
  UnknownReason,
} from '../register/operations.js';
import { linearize } from './search.js';
import { timelineOf } from './timeline.js';
import { witnessOf } from './witness.js';

/** The same without evidence: an order; `false`: there is none; else why that is not known. */
export function orderByJit(
  operations: RegisterOperations,
  budget: Budget,
): Int32Array | false | UnknownReason {
  const timeline = timelineOf(operations);
  const result = linearize(timeline, [operations.initial], budget);
  if (result.type === 'unknown') return result.why;
  if (result.type !== 'holds') return false;
  return witnessOf(timeline, result.trail, operations.initial);
}

export function jit(operations: RegisterOperations, budget: Budget): RegisterVerdict {
  const timeline = timelineOf(operations);
  const result = linearize(timeline, [operations.initial], budget);
  switch (result.type) {
    case 'unknown':
      return result;
    case 'holds':
      return { type: 'holds', witness: witnessOf(timeline, result.trail, operations.initial) };
    default: {
      const ended = timeline.events
        .subarray(0, result.place + 1)
        .filter((event) => event % 2 === 1);
      const suspects = [...ended].map((event) => event >> 1);
      return { type: 'violated', ...registerCore(operations, suspects, budget) };
    }
  }
}
