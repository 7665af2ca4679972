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
        'operations: ok': 52000,
        'operations: info': 4100,
        'operations: refused': 6500,
        'fault: kill': 490,
        'fault: power cut': 420,
        'fault: untimely power cut': 540,
        'fault: blackout': 530,
        'fault: one-way cut': 600,
        'fault: split': 540,
        'fault: pause': 420,
        'fact: torn tails cut': 390,
        'fact: failed syncs': 200,
        'fact: full disks': 35,
        'fact: journal snapshots': 4100,
        'runs: went on with nodes left broken': 66,
        'fact: bytes flipped': 160,
        'fact: nodes rejoined': 140,
        'fact: record: hint': 7900,
        'fact: record: collected': 490,
        'fact: sent: handoff': 3600,
        'fact: sent: exchange': 4300,
        'fact: sent: propose': 1100,
        'fact: verdict: regular holds': 150,
        'fact: verdict: linearizable holds': 80,
      }),
    );
  });

  it('lets nothing rise from the dead, with deletes galore', () => {
    console.log(`deletes: ${runAll('quorum', range(first, last), 50, deletesOptions)}`);
  });

  it('keeps its promises in longer runs', () => {
    const long = { durationMs: 10_000, phases: { patienceMs: 60_000 }, eventsMax: 4_000_000 };
    console.log(`long: ${runAll('quorum', range(first, last), 50, long)}`);
  });
});
