/**
 * Linearizability, key by key: it is compositional (Herlihy & Wing 1990), so a history is linearizable when the
 * operations of each key are. The quick engine where it applies, else the one that searches.
 */
import { invariant } from '../core/invariant.js';
import type { Budget } from './budget.js';
import { registerCore } from './cores/register-core.js';
import { decideByJit } from './jit/jit.js';
import type { OrderDecision, RegisterOperations, RegisterVerdict } from './register/operations.js';
import { isLegalWitness } from './register/witness.js';
import { decideByZones } from './zones/zones.js';

/**
 * Whether the operations can have happened one after another, each between its start and its end. What `holds` comes
 * with an order that has been replayed: a mistake of an engine can't pass for a proof.
 */
export const linearizable = (operations: RegisterOperations, budget: Budget): RegisterVerdict =>
  withEvidence(operations, linearOrder(operations, budget), budget);

/** The same without evidence, which is the most work. */
export const linearOrder = (operations: RegisterOperations, budget: Budget): OrderDecision =>
  replayed(operations, decideByZones(operations) ?? decideByJit(operations, budget));

export function replayed(operations: RegisterOperations, decision: OrderDecision): OrderDecision {
  if ('witness' in decision) {
    const isLegal = isLegalWitness(operations, decision.witness);
    invariant(isLegal, 'the order found is not a legal one');
  }
  return decision;
}

/** With a few operations that are impossible by themselves: tried in all orders when they are few. */
export function withEvidence(
  operations: RegisterOperations,
  decision: OrderDecision,
  budget: Budget,
): RegisterVerdict {
  if ('why' in decision) return { type: 'unknown', why: decision.why };
  if ('witness' in decision) return { type: 'holds', witness: decision.witness };
  return { type: 'violated', ...registerCore(operations, decision.suspects, budget) };
}

/**
 * Serializability of operations on single keys: as if all of a key's operations had been under way at the same time, so
 * that any order of them will do.
 */
export function serializable(operations: RegisterOperations, budget: Budget): RegisterVerdict {
  const start = new Float64Array(operations.count);
  const end = operations.end.map((each) => (each === Number.POSITIVE_INFINITY ? each : 1));
  return linearizable({ ...operations, start, end }, budget);
}
