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
        'operations: ok': 36000,
        'operations: info': 2500,
        'operations: refused': 4500,
        'fault: kill': 450,
        'fault: power cut': 430,
        'fault: untimely power cut': 520,
        'fault: blackout': 500,
        'fault: one-way cut': 570,
        'fault: split': 570,
        'fault: pause': 400,
        'fault: takeovers': 220,
        'fact: torn tails cut': 460,
        'fact: failed syncs': 160,
        'fact: full disks': 100,
        'fact: journal snapshots': 5500,
        'runs: went on with nodes left broken': 80,
        'fact: bytes flipped': 95,
        'fact: nodes rejoined': 95,
        'transactions: ok': 6300,
        'transactions: refused': 1600,
        'transactions: fail': 300,
        'transactions: info': 570,
        'fact: nodes added': 180,
        'fact: nodes removed': 130,
        'fact: sent: prepare': 26000,
        'fact: sent: read-index': 15000,
        'fact: sent: learn': 2600,
        'fact: sent: chunk': 510,
        'fact: verdict: strict-serializable holds': 180,
        'fact: verdict: linearizable holds': 220,
        'fact: commands met again': 4000,
      }),
    );
  });
});
