import { SeededRandom } from '../../../core/random.js';
import { type Budget, unlimited } from '../../budget.js';
import { decideByJit } from '../../jit/jit.js';
import { replayed, withEvidence } from '../../linearizable.js';
import { decideByZones } from '../../zones/zones.js';
import { bruteForce } from '../brute-force.js';
import type { RegisterOperations, RegisterVerdict } from '../operations.js';
import { isLegalWitness } from '../witness.js';
import { type RandomShape, randomOperations, randomShape } from './random-operations.js';
import { operationsOf, printed, rowsOf } from './rows.js';

/** Each engine alone. */
export const jit = (operations: RegisterOperations, budget: Budget): RegisterVerdict =>
  withEvidence(operations, replayed(operations, decideByJit(operations, budget)), budget);

/** `null`: it can't tell. */
export function zones(operations: RegisterOperations): RegisterVerdict | null {
  const decision = decideByZones(operations);
  return decision && withEvidence(operations, replayed(operations, decision), unlimited);
}

/** What is wrong with the verdict as brute force sees it; `null` when nothing is. */
export function misjudged(operations: RegisterOperations, verdict: RegisterVerdict): string | null {
  const isPossible = bruteForce(operations);
  const told = (what: string) => `${what}\n${printed(operations)}`;
  if (verdict.type === 'unknown') return told('unknown');
  if (verdict.type === 'holds') {
    if (!isPossible) return told('holds, but is impossible');
    return isLegalWitness(operations, verdict.witness) ? null : told(`holds by ${verdict.witness}`);
  }
  if (isPossible) return told('violated, but is possible');
  const core = part(operations, verdict.core);
  if (bruteForce(core)) return told(`the core ${verdict.core} is possible`);
  return new Set(verdict.core).size === verdict.core.length ? null : told('a core with repeats');
}

export function part(operations: RegisterOperations, chosen: readonly number[]) {
  const rows = rowsOf(operations);
  return operationsOf(
    rows.filter((_, at) => chosen.includes(at)),
    operations.initial,
  );
}

/** Shapes with repeating values, and updates, too. */
export function anyShape(random: SeededRandom): RandomShape {
  const shape = randomShape(random);
  return {
    ...shape,
    updates: random.pick([0, 0, 0.2]),
    valuesMax: random.pick([0, 1, 2, 2, 3]),
  };
}

/** Histories of all shapes from one seed; throws at the first that `engine` misjudges. Returns the verdicts' counts. */
export function judgeMany(
  engine: (operations: RegisterOperations) => RegisterVerdict,
  seed: number,
  histories: number,
): { holds: number; violated: number; unknown: number } {
  const random = new SeededRandom(seed);
  const counts = { holds: 0, violated: 0, unknown: 0 };
  for (let at = 0; at < histories; at++) {
    const operations = randomOperations(random, anyShape(random));
    const verdict = engine(operations);
    counts[verdict.type]++;
    const wrong = misjudged(operations, verdict);
    if (wrong !== null) throw new Error(`seed ${seed}, history ${at}: ${wrong}`);
  }
  return counts;
}
