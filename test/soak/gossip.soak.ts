/** As many seeds as one has time for (`KVX_SEEDS`, from `KVX_SEED` on), and news among thousands of nodes. */
import { describe, expect, it } from 'vitest';
import { spreadOneUpdate } from '../sim/gossip-runs.js';
import { demandCoverage, range, runAll } from '../sim/runs.js';
import { perThousand } from './per-thousand.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

describe('mode gossip', () => {
  it(`keeps its promises, seeds ${first} to ${last}`, () => {
    const coverage = runAll('gossip', range(first, last), 50);
    console.log(`gossip: ${coverage}`);
    demandCoverage(
      coverage,
      perThousand(coverage, {
        'operations: ok': 100000,
        'operations: info': 1200,
        'operations: refused': 11000,
        'fault: kill': 480,
        'fault: power cut': 400,
        'fault: untimely power cut': 510,
        'fault: blackout': 520,
        'fault: one-way cut': 590,
        'fault: split': 550,
        'fault: pause': 430,
        'fact: torn tails cut': 720,
        'fact: failed syncs': 300,
        'fact: full disks': 80,
        'fact: journal snapshots': 7200,
        'runs: went on with nodes left broken': 110,
        'fact: bytes flipped': 170,
        'fact: nodes rejoined': 150,
        'fact: nodes added': 230,
        'fact: nodes removed': 150,
        'operations: behind': 140,
        'fact: record: horizon': 1100,
        'fact: sent: wave': 15000,
        'fact: sent: exchange': 17000,
        'fact: sent: members': 10000,
        'fact: verdict: read-your-writes holds': 230,
        'fact: verdict: writes-follow-reads holds': 230,
      }),
    );
  });

  it.each([10, 100, 1000, 5000])(
    'spreads news among %i nodes as epidemic theory has it',
    (nodes) => {
      for (const fanout of [1, 2]) {
        const spread = spreadOneUpdate(nodes, fanout, first);
        console.log(`fanout ${fanout}: ${JSON.stringify(spread)}`);
        expect(spread.rounds).toBeLessThanOrEqual(1.5 * spread.theory);
      }
    },
  );
});
