/**
 * Engine 1 against brute force: `KVX_SEEDS` says how many times 1,000 random histories (1,000 when it does not, which
 * makes a million), `KVX_SEED` where to begin.
 */
import { describe, expect, it } from 'vitest';
import { fuzzZones } from '../../src/check/zones/testing/fuzz.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const seeds = Number(process.env['KVX_SEEDS'] ?? 1000);

describe(`zones, seeds ${first} to ${first + seeds - 1}`, () => {
  it('agree with brute force', () => {
    const total = { holds: 0, violated: 0, notApplicable: 0, notApplicablePlain: 0 };
    const coreSizes: number[] = [];
    for (let seed = first; seed < first + seeds; seed++) {
      const report = fuzzZones(seed, 1000);
      expect(report.failures, `seed ${seed}`).toEqual([]);
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += report[name];
      for (const [size, times] of report.coreSizes.entries()) {
        coreSizes[size] = (coreSizes[size] ?? 0) + (times ?? 0);
      }
    }
    console.log(`zones: ${JSON.stringify(total)}, cores by size: ${coreSizes.join(' ')}`);
  });
});
