/**
 * Linearizability, key by key: it is compositional (Herlihy & Wing 1990), so a history is linearizable when the
 * operations of each key are. The quick engine where it applies, else the one that searches.
 */
import { invariant } from '../core/invariant.js';
import { jit, orderByJit } from './jit/jit.js';
import type {
  Budget,
  RegisterOperations,
  RegisterVerdict,
  UnknownReason,
} from './register/operations.js';
import { isLegalWitness } from './register/witness.js';
import { orderByZones, zones } from './zones/zones.js';

/**
 * Whether the operations can have happened one after another, each between its start and its end. What `holds` comes
 * with an order that has been replayed: a mistake of an engine can't pass for a proof.
 */
export function linearizable(operations: RegisterOperations, budget: Budget): RegisterVerdict {
  // It replays the orders that it finds by itself.
  const quick = zones(operations, budget);
  if (quick !== null) return quick;
  const verdict = jit(operations, budget);
  if (verdict.type === 'holds') {
    invariant(isLegalWitness(operations, verdict.witness), 'the order found is not a legal one');
  }
  return verdict;
}

/** The same without evidence, which is the most work: an order; `false`: there is none; else why that is not known. */
export function linearOrder(
  operations: RegisterOperations,
  budget: Budget,
): Int32Array | false | UnknownReason {
  const order = orderByZones(operations) ?? orderByJit(operations, budget);
  if (typeof order === 'object') {
    invariant(isLegalWitness(operations, order), 'the order found is not a legal one');
  }
  return order;
}

/**
 * Serializability of operations on single keys: as if all of a key's operations had been under way at the same time, so
 * that any order of them will do.
 */
export function serializable(operations: RegisterOperations, budget: Budget): RegisterVerdict {
  const isOpen = (end: number) => end === Number.POSITIVE_INFINITY;
  return linearizable(
    {
      ...operations,
      start: new Float64Array(operations.count),
      end: operations.end.map((end) => (isOpen(end) ? end : 1)),
    },
    budget,
  );
}
