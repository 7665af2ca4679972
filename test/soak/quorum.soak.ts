/**
 * As many seeds as one has time for. `KVX_SEEDS` says how many (2,000 when it does not), `KVX_SEED` where to begin.
 * Each part runs all of them with its own levels, faults and sizes.
 */
import { describe, it } from 'vitest';
import { deletesOptions, quorumOptions } from '../sim/quorum-runs.js';
import { range, runAll } from '../sim/runs.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const last = first + Number(process.env['KVX_SEEDS'] ?? 2000) - 1;

const levels = ['one', 'two', 'quorum', 'all', 'linearizable'] as const;

describe(`mode quorum, seeds ${first} to ${last}`, () => {
  for (const level of levels) {
    it(`at level ${level}`, () => {
      console.log(
        `${level}: ${runAll(range(first, last), 50, (seed) => quorumOptions(seed, level))}`,
      );
    });
  }

  it('at all levels', () => {
    console.log(
      `mixed: ${runAll(range(first, last), 50, (seed) => quorumOptions(seed, ...levels))}`,
    );
  });

  it('with deletes galore', () => {
    console.log(`deletes: ${runAll(range(first, last), 50, deletesOptions)}`);
  });

  it('in longer runs', () => {
    const long = { durationMs: 10_000, patienceMs: 60_000, eventsMax: 4_000_000 };
    const optionsOf = (seed: number) => ({ ...quorumOptions(seed, 'quorum'), ...long });
    console.log(`long: ${runAll(range(first, last), 50, optionsOf)}`);
  });
});
