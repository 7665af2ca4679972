/** As many seeds as one has time for. `KVX_SEEDS` says how many (2,000 when it does not), `KVX_SEED` where to begin. */
import { describe, it } from 'vitest';
import { deletesOptions } from '../sim/quorum-runs.js';
import { demandCoverage, range, runAll } from '../sim/runs.js';
import { perThousand } from './per-thousand.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

describe(`mode quorum, seeds ${first} to ${last}`, () => {
  it('keeps its promises', () => {
    const coverage = runAll('quorum', range(first, last), 50);
    console.log(`quorum: ${coverage}`);
    demandCoverage(
      coverage,
      perThousand(coverage, {
        'operations: ok': 85000,
        'operations: info': 3700,
        'operations: refused': 11000,
        'fault: kill': 500,
        'fault: power cut': 460,
        'fault: untimely power cut': 500,
        'fault: blackout': 420,
        'fault: one-way cut': 530,
        'fault: split': 490,
        'fault: pause': 540,
        'fact: torn tails cut': 370,
        'fact: failed syncs': 58,
        'fact: journal snapshots': 7100,
        'runs: went on with nodes left broken': 69,
        'fact: bytes flipped': 150,
        'fact: nodes rejoined': 140,
        'fact: record: hint': 13000,
        'fact: record: collected': 650,
        'fact: sent: handoff': 5100,
        'fact: sent: exchange': 6000,
        'fact: sent: propose': 1600,
        'fact: verdict: regular holds': 120,
        'fact: verdict: linearizable holds': 80,
      }),
    );
  });

  it('lets nothing rise from the dead, with deletes galore', () => {
    console.log(`deletes: ${runAll('quorum', range(first, last), 50, deletesOptions)}`);
  });

  it('keeps its promises in longer runs', () => {
    const long = { durationMs: 10_000, patienceMs: 60_000, eventsMax: 4_000_000 };
    console.log(`long: ${runAll('quorum', range(first, last), 50, long)}`);
  });
});
