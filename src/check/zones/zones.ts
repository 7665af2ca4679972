/**
 * Engine 1: linearizability of one key whose non-absent values were each written once, in O(n log n).
 *
 * Phillip B. Gibbons and Ephraim Korach, "Testing Shared Memories", SIAM J. Comput. 26 (1997); zones as in Wojciech
 * Golab, Xiaozhou Li and Mehul A. Shah, "Analyzing Consistency Properties for Fun and Profit", PODC 2011.
 *
 * 1. Each value, its writer and its reads are a cluster; compare-and-sets chain clusters into blocks
 *    (zones-clusters.ts, zones-blocks.ts).
 * 2. Forward blocks hold the register for their whole zone: zones must not overlap, and nothing may have to happen
 *    inside of one (zones-plan.ts). Without deletes that is all.
 * 3. Absence can be written any number of times, and who wrote what a read of absence saw is open: a walk over time
 *    spends deletes as late as it can (zones-sweep.ts).
 *
 * Ours beyond the papers: chains, absence, and what may or may not have happened. That they are right is shown by
 * replaying each witness, by trying all orders of each core, and by random histories against brute force.
 */
import { invariant } from '../../core/invariant.js';
import { unlimited } from '../budget.js';
import { registerCore } from '../cores/register-core.js';
import {
  type Budget,
  type RegisterOperations,
  type RegisterVerdict,
  registerKinds,
  withSmallValues,
} from '../register/operations.js';
import { isLegalWitness } from '../register/witness.js';
import { blocksOf } from './blocks.js';
import { clustersOf, type Suspects } from './clusters.js';
import { blockConflict, planOf, withFreeTails, withLateTails } from './plan.js';
import { sweep } from './sweep.js';

/**
 * Whether the operations are linearizable; `null` when this engine can't tell: when a non-absent value was written
 * twice (the initial one counts), and in rare cases with an `update`, or a delete-if-equal that nobody knows the outcome
 * of. `holds` has been replayed, and `violated` tried in all orders when its core is small.
 *
 * Failed writes are not among the operations, so a read of what only a failed write wrote is called a phantom: its core
 * is that one operation, and a caller who finds the value among the failed writes calls it an aborted read.
 */
export function zones(
  operations: RegisterOperations,
  budget: Budget = unlimited,
): RegisterVerdict | null {
  const decision = decide(operations);
  if (decision === null) return null;
  if ('suspects' in decision) {
    return { type: 'violated', ...registerCore(operations, decision.suspects, budget) };
  }
  const { witness } = decision;
  invariant(isLegalWitness(operations, witness), 'the order found is not a legal one');
  return { type: 'holds', witness };
}

/** The same without evidence: an order that has been replayed; `false`: there is none; `null`: this engine can't tell. */
export function orderByZones(operations: RegisterOperations): Int32Array | false | null {
  const decision = decide(operations);
  if (decision === null) return null;
  if ('suspects' in decision) return false;
  return isLegalWitness(operations, decision.witness) ? decision.witness : null;
}

type Decision = { readonly witness: Int32Array } | Suspects | null;

const { write, update } = registerKinds;

/**
 * Zones have no place for an update, so it is taken for a write: if that is impossible, so is the whole. If it is possible,
 * the order found is tried with what was meant.
 */
function decide(operations: RegisterOperations): Decision {
  if (!operations.kind.includes(update)) return decidePlain(operations);
  const kind = operations.kind.map((own) => (own === update ? write : own));
  const decision = decidePlain({ ...operations, kind });
  const isKnown = decision === null || 'suspects' in decision;
  return isKnown || isLegalWitness(operations, decision.witness) ? decision : null;
}

/** Only reads, writes and compare-and-sets. */
function decidePlain(given: RegisterOperations): Decision {
  const { operations, valueMax } = withSmallValues(given);
  const clusters = clustersOf(operations, valueMax);
  if (clusters === null || 'suspects' in clusters) return clusters;
  const blocks = blocksOf(operations, clusters);
  if ('suspects' in blocks) return blocks;
  const plan = planOf(operations, clusters, blocks);
  const contradiction = blockConflict(operations, clusters, blocks, plan);
  if (contradiction !== null) return contradiction;

  const swept = sweep(operations, clusters, blocks, plan);
  if ('witness' in swept) return swept;
  let { failedAt } = swept;
  if (plan.late.length > 0) {
    const late = withLateTails(operations, clusters, blocks, plan);
    const guess = sweep(operations, clusters, blocks, late);
    if ('witness' in guess && isLegalWitness(operations, guess.witness)) return guess;
    const free = sweep(
      operations,
      clusters,
      blocks,
      withFreeTails(operations, clusters, blocks, plan),
    );
    if ('witness' in free) return null;
    failedAt = free.failedAt;
  }
  return { suspects: startedBy(operations, failedAt) };
}

function startedBy({ count, start }: RegisterOperations, time: number): number[] {
  const started: number[] = [];
  for (let at = 0; at < count; at++) if ((start[at] as number) <= time) started.push(at);
  return started;
}
