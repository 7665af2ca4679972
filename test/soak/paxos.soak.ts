/** As many seeds as one has time for: `KVX_SEEDS` says how many (2,000 when it does not), `KVX_SEED` where to begin. */
import { describe, it } from 'vitest';
import { paxosOptions } from '../sim/paxos-runs.js';
import { range, runAll } from '../sim/runs.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

describe(`mode paxos, seeds ${first} to ${last}`, () => {
  it('keeps its promises', () => {
    console.log(`paxos: ${runAll(range(first, last), 50, paxosOptions)}`);
  });
});
