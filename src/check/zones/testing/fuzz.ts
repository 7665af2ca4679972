import { SeededRandom } from '../../../core/random.js';
import { bruteForce } from '../../register/brute-force.js';
import type { RegisterOperations } from '../../register/operations.js';
import { part } from '../../register/testing/judge.js';
import {
  type RandomShape,
  randomOperations,
  randomShape,
} from '../../register/testing/random-operations.js';
import { printed } from '../../register/testing/rows.js';
import { isLegalWitness } from '../../register/witness.js';
import { zones } from '../zones.js';

/** What random histories lean to, one after another: together with a random shape, so that none has one side only. */
const leanings: Readonly<Record<string, Partial<RandomShape>>> = {
  anything: {},
  'no deletes': { deletes: 0 },
  'many deletes': { deletes: 0.8, writes: 0.4 },
  'creations and deletes': { writes: 0.2, cas: 0.6, deletes: 0.5, mutated: 0.6 },
  'many compare-and-sets': { writes: 0.1, cas: 0.7, deletes: 0.2 },
  'much in doubt': { info: 0.6, writes: 0.4 },
  'deletes if equal, in doubt': { info: 0.5, writes: 0.3, cas: 0.5, deletes: 0.6 },
  ties: { timeMax: 5, operationsMax: 11 },
  updates: { updates: 0.2, deletes: 0.1 },
};

/** Enough to see what they have in common. */
const failuresMax = 3;

export interface FuzzReport {
  holds: number;
  violated: number;
  /** Where engine 1 does not apply; of those without updates. */
  notApplicable: number;
  notApplicablePlain: number;
  /** Violations by the size of their core. */
  readonly coreSizes: number[];
  /** What went wrong, ready to be pasted into a test. */
  readonly failures: string[];
}

/** Engine 1 against brute force on `count` random histories of up to 11 operations. */
export function fuzzZones(seed: number, count: number): FuzzReport {
  const random = new SeededRandom(seed);
  const all = Object.values(leanings);
  const report: FuzzReport = {
    ...{ holds: 0, violated: 0, notApplicable: 0, notApplicablePlain: 0 },
    ...{ coreSizes: [], failures: [] },
  };
  for (let nth = 0; nth < count && report.failures.length < failuresMax; nth++) {
    const leaning = all[nth % all.length] as Partial<RandomShape>;
    const shape = { ...randomShape(random), ...leaning };
    const operations = randomOperations(random, shape);
    const failure = judge(operations, report, shape.updates === 0);
    if (failure !== null) report.failures.push(`${failure}\n${printed(operations)}`);
  }
  return report;
}

function judge(
  operations: RegisterOperations,
  report: FuzzReport,
  isPlain: boolean,
): string | null {
  const isLinearizable = bruteForce(operations);
  const verdict = verdictOf(operations);
  if (typeof verdict === 'string') return verdict;
  if (verdict === null) {
    report.notApplicable++;
    if (isPlain) report.notApplicablePlain++;
    return null;
  }
  if (verdict.type === 'holds') {
    report.holds++;
    if (!isLinearizable) return 'holds, but should not';
    return isLegalWitness(operations, verdict.witness) ? null : 'a witness that is not legal';
  }
  if (verdict.type === 'unknown') return 'unknown, but nothing limits it';
  report.violated++;
  const { core } = verdict;
  report.coreSizes[core.length] = (report.coreSizes[core.length] ?? 0) + 1;
  if (isLinearizable) return 'violated, but should not be';
  return bruteForce(part(operations, core)) ? `core ${core} is possible` : null;
}

function verdictOf(operations: RegisterOperations) {
  try {
    return zones(operations);
  } catch (error) {
    return String(error);
  }
}
