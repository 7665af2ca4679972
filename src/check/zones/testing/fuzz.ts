import { SeededRandom } from '../../../core/random.js';
import { misjudged, zones } from '../../register/testing/judge.js';
import {
  type RandomShape,
  randomOperations,
  randomShape,
} from '../../register/testing/random-operations.js';

/** What random histories lean to, one after another: together with a random shape, so that none has one side only. */
const leanings: readonly Partial<RandomShape>[] = [
  // Anything; no deletes, many; creations and deletes; many compare-and-sets.
  ...[{}, { deletes: 0 }, { deletes: 0.8, writes: 0.4 }],
  ...[
    { writes: 0.2, cas: 0.6, deletes: 0.5, mutated: 0.6 },
    { writes: 0.1, cas: 0.7, deletes: 0.2 },
  ],
  // Much in doubt; deletes if equal, in doubt; ties; updates.
  ...[
    { info: 0.6, writes: 0.4 },
    { info: 0.5, writes: 0.3, cas: 0.5, deletes: 0.6 },
  ],
  ...[
    { timeMax: 5, operationsMax: 11 },
    { updates: 0.2, deletes: 0.1 },
  ],
];

/**
 * Engine 1 against brute force on random histories of up to 11 operations; throws at the first that it misjudges. Returns
 * the verdicts' counts; `notApplicablePlain`: of those without updates.
 */
export function fuzzZones(seed: number, histories: number) {
  const random = new SeededRandom(seed);
  const counts = { holds: 0, violated: 0, unknown: 0, notApplicable: 0, notApplicablePlain: 0 };
  for (let nth = 0; nth < histories; nth++) {
    const shape = { ...randomShape(random), ...leanings[nth % leanings.length] };
    const operations = randomOperations(random, shape);
    const verdict = zones(operations);
    const wrong = verdict === null ? null : misjudged(operations, verdict);
    if (wrong !== null) throw new Error(`seed ${seed}, history ${nth}: ${wrong}`);
    counts[verdict?.type ?? 'notApplicable']++;
    if (verdict === null && shape.updates === 0) counts.notApplicablePlain++;
  }
  return counts;
}
