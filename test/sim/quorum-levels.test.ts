/** What each level promises, and that the checks would notice if it did not. */
import { describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../src/explore/checks.js';
import { simulate } from '../../src/explore/simulate.js';
import { quorumOptions } from './quorum-runs.js';
import { demandCoverage, range, runAll } from './runs.js';

describe('level linearizable', () => {
  it('is linearizable by version order, and has no stale reads', { timeout: 600_000 }, () => {
    const coverage = runAll(range(1, 150), 10, (seed) => quorumOptions(seed, 'linearizable'));
    expect(coverage.get('stale reads')).toBe(0);
    demandCoverage(coverage, { 'operations: ok': 11000 });
  });
});

describe('level one', () => {
  it('loses nothing it told of, but reads stale', { timeout: 600_000 }, () => {
    const coverage = runAll(range(1, 60), 10, (seed) => quorumOptions(seed, 'one'));
    demandCoverage(coverage, { 'stale reads': 27 });
  });

  it('is found out by the check for linearizability', () => {
    const found = [...range(1, 10)].flatMap((seed) =>
      checkLinearizable(simulate(quorumOptions(seed, 'one')).history),
    );
    expect(new Set(found.map(({ check }) => check))).toEqual(
      new Set(['stale read', 'write order']),
    );
  });
});

describe('all levels mixed', () => {
  it('converge like one', { timeout: 600_000 }, () => {
    const levels = ['one', 'two', 'quorum', 'all', 'linearizable'] as const;
    runAll(range(1, 60), 10, (seed) => quorumOptions(seed, ...levels));
  });
});

describe('links that do not keep their order, against what they promise', () => {
  it('do quorums no harm, since versions and phases are numbered', { timeout: 600_000 }, () => {
    runAll(range(1, 60), 10, (seed) => {
      const options = quorumOptions(seed, 'linearizable');
      return { ...options, conditions: { ...options.conditions, reorder: true } };
    });
  });
});
