import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, isNewer } from './version.js';

const version = fc.record({ stamp: fc.nat(3), node: fc.constantFrom('n1', 'n2', 'n3') });

describe('versions', () => {
  test('are totally ordered: stamp first, then node', () => {
    expect(compareVersions({ stamp: 1, node: 'n9' }, { stamp: 2, node: 'n1' })).toBeLessThan(0);
    expect(compareVersions({ stamp: 2, node: 'n1' }, { stamp: 2, node: 'n2' })).toBeLessThan(0);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        expect(compareVersions(a, b) === 0).toBe(a.stamp === b.stamp && a.node === b.node);
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  test('a version is newer than none, and never newer than itself', () => {
    const one = { stamp: 1, node: 'n1' };
    expect(isNewer(one, null)).toBe(true);
    expect(isNewer(one, { ...one })).toBe(false);
  });
});
