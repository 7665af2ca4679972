/** Verdicts on random transactions, and the evidence against what does not hold, beside what the definitions say. */
import { SeededRandom } from '../../../core/random.js';
import type { Budget } from '../../budget.js';
import { type TransactionModel, transactionModels, weakerModels } from '../anomaly.js';
import { judgeTransactions } from '../elle.js';
import { isAllowed } from './definitions.js';
import { type Drawn, historyOf } from './histories.js';
import { randomTransactions } from './random-transactions.js';

export interface Counts {
  readonly holds: number;
  readonly violated: number;
  readonly unknown: number;
}

/** By model; throws at the first verdict that is wrong. */
export function compareMany(
  seed: number,
  histories: number,
  budget: () => Budget,
): Map<TransactionModel, { holds: number; violated: number; unknown: number }> {
  const random = new SeededRandom(seed);
  const counts = new Map(
    transactionModels.map((model) => [model, { holds: 0, violated: 0, unknown: 0 }]),
  );
  for (let at = 0; at < histories; at++) {
    const drawn = randomTransactions(random);
    const wrong = misjudged(drawn, budget, (model, type) => {
      const own = counts.get(model);
      if (own !== undefined) own[type]++;
    });
    if (wrong !== null) throw new Error(`history ${at} of seed ${seed}: ${wrong}`);
  }
  return counts;
}

/** What is wrong about the verdicts on these transactions; `null`: nothing. */
export function misjudged(
  drawn: readonly Drawn[],
  budget: () => Budget,
  count: (model: TransactionModel, type: keyof Counts) => void = () => {},
): string | null {
  const judgements = judgeTransactions(historyOf(drawn), budget);
  const truth = new Map<TransactionModel, boolean>();
  for (const model of transactionModels.toReversed()) {
    const follows = transactionModels.some(
      (stronger) => truth.get(stronger) === true && weakerModels[stronger].includes(model),
    );
    truth.set(model, follows || isAllowed(model, drawn));
  }
  const confirmed = new Set<string>();
  for (const model of transactionModels) {
    const judgement = judgements.get(model);
    const type = judgement?.type ?? 'unknown';
    count(model, type);
    if (type === 'unknown' || judgement === undefined) continue;
    const said = `${model} ${JSON.stringify(judgement)}`;
    if ((type === 'holds') !== truth.get(model)) return `${said}\n${told(drawn)}`;
    if (judgement.type !== 'violated') continue;
    const { operations } = judgement.finding;
    // What is forbidden by a weaker model, and so was shown to be, need not be shown once more.
    const name = operations.join();
    if (confirmed.has(name)) continue;
    confirmed.add(name);
    if (isAllowed(model, only(drawn, operations)))
      return `too little evidence: ${said}\n${told(drawn)}`;
  }
  return null;
}

/** These as they are; of the others nobody knows whether they happened, nor what they read. What failed, failed. */
function only(drawn: readonly Drawn[], operations: readonly number[]): Drawn[] {
  return drawn.map((one, at): Drawn => {
    if (operations.includes(at) || one.outcome === 'fail') return one;
    const steps = one.steps.map((step) => (step.f === 'r' ? { ...step, value: null } : step));
    return { ...one, outcome: 'info', end: Number.POSITIVE_INFINITY, steps };
  });
}

const told = (drawn: readonly Drawn[]) => drawn.map((one) => JSON.stringify(one)).join('\n');
