/** Deletes with tombstones that are collected soon: nothing rises from the dead, and what was said to be gone is. */
import { describe, it } from 'vitest';
import { deletesOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum at level quorum, on three to six nodes', () => {
  it('keeps its promises under 500 more seeds, deletes galore', { timeout: 600_000 }, () => {
    const coverage = runAll(range(501, 1000), 4, deletesOptions);
    demandCoverage(coverage, {
      'fault: pause': 100,
      'fact: record: collected': 1500,
      'fact: sent: propose': 1500,
    });
  });
});
