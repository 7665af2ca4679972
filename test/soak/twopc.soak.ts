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
        'operations: ok': 55000,
        'operations: info': 4300,
        'operations: refused': 2400,
        'fault: kill': 490,
        'fault: power cut': 420,
        'fault: untimely power cut': 540,
        'fault: blackout': 530,
        'fault: one-way cut': 600,
        'fault: split': 540,
        'fault: pause': 420,
        'fact: torn tails cut': 240,
        'fact: failed syncs': 180,
        'fact: full disks': 35,
        'fact: journal snapshots': 3400,
        'runs: went on with nodes left broken': 110,
        'fact: bytes flipped': 6,
        'fact: nodes rejoined': 6,
        'transactions: ok': 8500,
        'transactions: refused': 1000,
        'transactions: fail': 2500,
        'transactions: info': 950,
        'fact: nodes added': 230,
        'fact: nodes removed': 190,
        'fact: in doubt': 1700,
        'fact: sent: ask': 35000,
        'fact: sent: tell': 11000,
        'fact: record: members': 2900,
        'fact: sent: caught-up': 940,
        'transactions: conflict': 150,
        'fact: verdict: strict-serializable holds': 170,
        'fact: verdict: linearizable holds': 220,
      }),
    );
  });
});
