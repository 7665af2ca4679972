/** As many seeds as one has time for (`KVX_SEEDS`, from `KVX_SEED` on), and news among thousands of nodes. */
import { describe, expect, it } from 'vitest';
import { gossipOptions, spreadOneUpdate } from '../sim/gossip-runs.js';
import { range, runAll } from '../sim/runs.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

describe('mode gossip', () => {
  it(`keeps its promises, seeds ${first} to ${last}`, () => {
    console.log(`${runAll(range(first, last), 50, gossipOptions)}`);
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
