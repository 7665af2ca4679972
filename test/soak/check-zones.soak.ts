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
    const total = fuzzZones(first, 1000);
    for (let seed = first + 1; seed < first + seeds; seed++) {
      const counts = fuzzZones(seed, 1000);
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name];
    }
    console.log(`zones: ${JSON.stringify(total)}`);
    expect(total.unknown).toBe(0);
  });
});
