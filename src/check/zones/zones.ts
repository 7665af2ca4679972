/**
 * Engine 1: linearizability of one key whose non-absent values were each written once, in O(n log n).
 *
 * Phillip B. Gibbons and Ephraim Korach, "Testing Shared Memories", SIAM J. Comput. 26 (1997); zones as in Wojciech
 * Golab, Xiaozhou Li and Mehul A. Shah, "Analyzing Consistency Properties for Fun and Profit", PODC 2011.
 *
 * 1. Each value, its writer and its reads are a cluster; compare-and-sets chain clusters into blocks
 *    (clusters.ts, blocks.ts).
 * 2. Forward blocks hold the register for their whole zone: zones must not overlap, and nothing may have to happen
 *    inside of one (plan.ts). Without deletes that is all.
 * 3. Absence can be written any number of times, and who wrote what a read of absence saw is open: a walk over time
 *    spends deletes as late as it can (sweep.ts).
 *
 * Ours beyond the papers: chains, absence, and what may or may not have happened. That they are right is shown by
 * replaying each witness, by trying all orders of each core, and by random histories against brute force.
 */
import {
  type OrderDecision,
  type RegisterOperations,
  registerKinds,
  withSmallValues,
} from '../register/operations.js';
import { isLegalWitness } from '../register/witness.js';
import { blocksOf } from './blocks.js';
import { clustersOf } from './clusters.js';
import { blockConflict, planOf, withFreeTails, withLateTails } from './plan.js';
import { sweep } from './sweep.js';

const { write, update } = registerKinds;

/**
 * Whether the operations are linearizable; `null` when this engine can't tell: when a non-absent value was written
 * twice (the initial one counts), and in rare cases with an `update`, or a delete-if-equal that nobody knows the outcome
 * of.
 *
 * Failed writes are not among the operations, so a read of what only a failed write wrote is called a phantom: its core
 * is that one operation, and a caller who finds the value among the failed writes calls it an aborted read.
 *
 * Zones have no place for an update, so it is taken for a write: if that is impossible, so is the whole. If it is possible,
 * the order found is tried with what was meant.
 */
export function decideByZones(operations: RegisterOperations): OrderDecision | null {
  if (!operations.kind.includes(update)) return decidePlain(operations);
  const kind = operations.kind.map((own) => (own === update ? write : own));
  const decision = decidePlain({ ...operations, kind });
  const isOrder = decision !== null && 'witness' in decision;
  return isOrder && !isLegalWitness(operations, decision.witness) ? null : decision;
}

/** Only reads, writes and compare-and-sets. */
function decidePlain(given: RegisterOperations): OrderDecision | null {
  const { operations, valueMax } = withSmallValues(given);
  const clusters = clustersOf(operations, valueMax);
  if (clusters === null || 'suspects' in clusters) return clusters;
  const blocks = blocksOf(clusters);
  if ('suspects' in blocks) return blocks;
  const plan = planOf(blocks);
  const contradiction = blockConflict(blocks, plan);
  if (contradiction !== null) return contradiction;

  const swept = sweep(blocks, plan);
  if ('witness' in swept) return swept;
  let { failedAt } = swept;
  if (plan.late.length > 0) {
    const guess = sweep(blocks, withLateTails(blocks, plan));
    if ('witness' in guess && isLegalWitness(operations, guess.witness)) return guess;
    const free = sweep(blocks, withFreeTails(blocks, plan));
    if ('witness' in free) return null;
    failedAt = free.failedAt;
  }
  const { start } = operations;
  return { suspects: [...start.keys()].filter((at) => (start[at] as number) <= failedAt) };
}
