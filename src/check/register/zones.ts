import { invariant } from '../../core/invariant.js';
import { coreOf } from './core.js';
import { type RegisterOperations, type RegisterVerdict, registerKinds } from './operations.js';
import { isLegalWitness } from './witness.js';
import { blocksOf } from './zones-blocks.js';
import { clustersOf } from './zones-clusters.js';
import { conflict, planOf, withFreeTails, withLateTails } from './zones-plan.js';
import { sweep } from './zones-sweep.js';

export function zones(operations: RegisterOperations): RegisterVerdict | null {
  const decision = decide(operations);
  if (decision === null) return null;
  if ('witness' in decision) {
    invariant(isLegalWitness(operations, decision.witness), 'a witness that is not legal');
    return { type: 'holds', witness: decision.witness };
  }
  return { type: 'violated', ...coreOf(operations, decision.suspects, isImpossible) };
}

/** Whether the operations are surely not linearizable. */
function isImpossible(operations: RegisterOperations): boolean {
  const decision = decide(operations);
  return decision !== null && 'suspects' in decision;
}

type Decision = { readonly witness: Int32Array } | { readonly suspects: readonly number[] } | null;

function decide(operations: RegisterOperations): Decision {
  if (!isApplicable(operations)) return null;
  const clusters = clustersOf(operations, valueMaxOf(operations));
  if (clusters === null || 'suspects' in clusters) return clusters;
  const blocks = blocksOf(operations, clusters);
  if ('suspects' in blocks) return blocks;
  const plan = planOf(operations, clusters, blocks);
  const contradiction = conflict(operations, clusters, blocks, plan);
  if (contradiction !== null) return contradiction;
  const swept = sweep(operations, clusters, blocks, plan);
  if ('witness' in swept) return swept;
  if (plan.late.length > 0) {
    const guess = sweep(
      operations,
      clusters,
      blocks,
      withLateTails(operations, clusters, blocks, plan),
    );
    if ('witness' in guess) return guess;
    const free = sweep(
      operations,
      clusters,
      blocks,
      withFreeTails(operations, clusters, blocks, plan),
    );
    if ('witness' in free) return null;
  }
  return { suspects: allOf(operations) };
}

function allOf({ count }: RegisterOperations): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

function isApplicable({ count, kind }: RegisterOperations): boolean {
  for (let at = 0; at < count; at++) {
    if ((kind[at] as number) > registerKinds.cas) return false;
  }
  return true;
}

function valueMaxOf({ count, value, expected, initial }: RegisterOperations): number {
  let max = initial;
  for (let at = 0; at < count; at++) {
    max = Math.max(max, value[at] as number, expected[at] as number);
  }
  return max;
}
