import { expect, test } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { unlimited } from '../budget.js';
import { judgeTransactions } from './elle.js';
import { type Drawn, historyOf, isSerializable, randomTransactions } from './testing/histories.js';

function told(transactions: readonly Drawn[]): string {
  return transactions.map((one) => JSON.stringify(one)).join('\n');
}

test.each(['append', 'w'] as const)(
  'random transactions that %s are judged as brute force judges them',
  (writing) => {
    const random = new SeededRandom(1);
    const counts = { holds: 0, violated: 0, unknown: 0 };
    for (let at = 0; at < 5000; at++) {
      const drawn = randomTransactions(random, writing);
      const judgements = judgeTransactions(historyOf(drawn), unlimited);
      for (const [model, keepsTime] of [
        ['serializable', false],
        ['strict-serializable', true],
      ] as const) {
        const judgement = judgements.get(model);
        const truth = isSerializable(drawn, keepsTime) ? 'holds' : 'violated';
        counts[judgement?.type ?? 'unknown']++;
        if (judgement?.type !== truth) {
          throw new Error(
            `${at}: ${model} is ${truth}, not ${JSON.stringify(judgement)}\n${told(drawn)}`,
          );
        }
      }
    }
    expect(counts.unknown).toBe(0);
  },
);
