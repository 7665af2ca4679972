/** As many seeds as one has time for: `KVX_SEEDS` says how many (2,000 when it does not), `KVX_SEED` where to begin. */
import { describe, it } from 'vitest';
import { demandCoverage, range, runAll } from '../sim/runs.js';
import { perThousand } from './per-thousand.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

describe(`mode paxos, seeds ${first} to ${last}`, () => {
  it('keeps its promises', () => {
    const coverage = runAll('paxos', range(first, last), 50);
    console.log(`paxos: ${coverage}`);
    demandCoverage(
      coverage,
      perThousand(coverage, {
        'operations: ok': 67000,
        'operations: info': 2600,
        'operations: refused': 9100,
        'fault: kill': 500,
        'fault: power cut': 460,
        'fault: untimely power cut': 500,
        'fault: blackout': 420,
        'fault: one-way cut': 530,
        'fault: split': 490,
        'fault: pause': 540,
        'fact: torn tails cut': 450,
        'fact: failed syncs': 88,
        'fact: journal snapshots': 6900,
        'runs: went on with nodes left broken': 100,
        'fact: bytes flipped': 66,
        'fact: nodes rejoined': 66,
        'transactions: ok': 10000,
        'transactions: refused': 3100,
        'transactions: fail': 290,
        'transactions: info': 430,
        'fact: nodes added': 210,
        'fact: nodes removed': 190,
        'fact: commands met again': 3000,
        'fact: sent: prepare': 25000,
        'fact: sent: read-index': 24000,
        'fact: sent: learn': 4200,
        'fact: sent: chunk': 610,
        'fact: verdict: strict-serializable holds': 160,
        'fact: verdict: linearizable holds': 220,
      }),
    );
  });
});
