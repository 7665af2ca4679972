/**
 * Sets, lists, counters, banks, queues and locks against their definitions: `KVX_SEEDS` says how many times 100 random
 * histories of each (1,000 when it does not), `KVX_SEED` where to begin.
 */
import { describe, expect, it } from 'vitest';
import { fuzzObjects, objectFuzzers } from '../../src/check/objects/testing/fuzz.js';
import { SeededRandom } from '../../src/core/random.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const seeds = Number(process.env['KVX_SEEDS'] ?? 1000);

describe(`objects, seeds ${first} to ${first + seeds - 1}`, () => {
  it.each(Object.keys(objectFuzzers))('%s', async (name) => {
    let [holds, violated] = [0, 0];
    for (let seed = first; seed < first + seeds; seed++) {
      const report = await fuzzObjects(name, new SeededRandom(seed), 100);
      expect(report.failures, `seed ${seed}`).toEqual([]);
      holds += report.holds;
      violated += report.violated;
    }
    console.log(`${name}: ${holds} hold, ${violated} are violated`);
  });
});
