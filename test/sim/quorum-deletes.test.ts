/** Deletes with tombstones that are collected soon: nothing rises from the dead, and what was said to be gone is. */
import { describe, it } from 'vitest';
import { deletesOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('mode quorum at level quorum, on three to six nodes', () => {
  it('keeps its promises under 150 more seeds, deletes galore', { timeout: 600_000 }, () => {
    const coverage = runAll(range(501, 650), 4, deletesOptions);
    demandCoverage(coverage, {
      'fault: pause': 27,
      'fact: record: collected': 412,
      'fact: sent: propose': 412,
    });
  });
});
