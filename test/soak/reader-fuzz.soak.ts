/**
 * Damaged histories in every format: `KVX_SEEDS` says how many times 1,000 of them (10,000 when it does not, which makes
 * 10 million), `KVX_SEED` where to begin. Each is read and judged, or refused; nothing else happens, and memory stays bounded.
 */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { readHistory } from '../../src/history/read.js';
import { hostileInputs } from '../../src/history/testing/hostile.js';
import { readMutated } from '../../src/history/testing/mutations.js';

const first = Number(process.env['KVX_SEED'] ?? 1);
const seeds = Number(process.env['KVX_SEEDS'] ?? 10_000);
const rssMax = 1e9;

describe(`readers, seeds ${first} to ${first + seeds - 1}`, () => {
  it('read or refuse', async () => {
    const counts = { read: 0, refused: 0 };
    let slowestMs = 0;
    for (let seed = first; seed < first + seeds; seed++) {
      const random = new SeededRandom(seed);
      const began = performance.now();
      for (let at = 0; at < 1000; at++)
        counts[(await readMutated(random)) === null ? 'refused' : 'read']++;
      slowestMs = Math.max(slowestMs, performance.now() - began);
      expect(process.memoryUsage.rss(), `after seed ${seed}`).toBeLessThan(rssMax);
    }
    console.log(`readers: ${JSON.stringify(counts)}, the slowest thousand ${slowestMs | 0} ms`);
  });
});

describe('three million', () => {
  it.each(hostileInputs(3_000_000))('%s', async (_, text, message) => {
    const began = performance.now();
    const reading = readHistory([Buffer.from(text)], { name: 'h' });
    // What is larger than a line may be is refused for that.
    const refusal = await reading.then(
      ({ count }) => count,
      (error: Error) => error.message,
    );
    if (message !== null) expect(typeof refusal).toBe('string');
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(process.memoryUsage.rss()).toBeLessThan(3e9);
  });
});
