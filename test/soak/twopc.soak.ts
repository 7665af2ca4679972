/** As many seeds as one has time for: `KVX_SEEDS` says how many (2,000 when it does not), `KVX_SEED` where to begin. */
import { describe, it } from 'vitest';
import { demandCoverage, range, runAll } from '../sim/runs.js';
import { perThousand } from './per-thousand.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

describe(`mode 2pc, seeds ${first} to ${last}`, () => {
  it('keeps its promises', () => {
    const coverage = runAll('2pc', range(first, last), 50);
    console.log(`2pc: ${coverage}`);
    demandCoverage(
      coverage,
      perThousand(coverage, {
        'operations: ok': 43000,
        'operations: info': 4700,
        'operations: refused': 4700,
        'fault: kill': 500,
        'fault: power cut': 460,
        'fault: untimely power cut': 500,
        'fault: blackout': 420,
        'fault: one-way cut': 530,
        'fault: split': 490,
        'fault: pause': 540,
        'fact: torn tails cut': 280,
        'fact: failed syncs': 48,
        'fact: journal snapshots': 6900,
        'runs: went on with nodes left broken': 90,
        'fact: bytes flipped': 16,
        'fact: nodes rejoined': 16,
        'transactions: ok': 9100,
        'transactions: refused': 2400,
        'transactions: fail': 2200,
        'transactions: info': 1100,
        'fact: nodes added': 260,
        'fact: nodes removed': 210,
        'fact: in doubt': 1700,
        'fact: sent: ask': 52000,
        'fact: sent: tell': 20000,
        'fact: record: members': 3800,
        'fact: sent: caught-up': 1000,
        'transactions: conflict': 200,
        'fact: verdict: strict-serializable holds': 170,
        'fact: verdict: linearizable holds': 220,
      }),
    );
  });
});
