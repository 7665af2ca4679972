/** No input makes a reader fall over, or think for long: what is no history is refused. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { readHistory } from './read.js';
import { hostileInputs } from './testing/hostile.js';
import { readMutated } from './testing/mutations.js';

it('1,000 damaged histories are read and judged, or refused', async () => {
  const random = new SeededRandom(1);
  const counts = { read: 0, refused: 0 };
  for (let at = 0; at < 1000; at++)
    counts[(await readMutated(random)) === null ? 'refused' : 'read']++;
  expect(Math.min(counts.read, counts.refused)).toBeGreaterThan(50);
});

const size = 100_000;

/** Where work grows with the square of the input, these do not end before the test is given up. */
describe('a hundred thousand', () => {
  it.each(hostileInputs(size))('%s', async (_, text, message) => {
    const reading = readHistory([Buffer.from(text)], { name: 'h' });
    if (message === null) expect((await reading).count).toBe(1);
    else await expect(reading).rejects.toThrow(message);
  });

  it('pieces of one line', async () => {
    const piece = Buffer.from('x'.repeat(150));
    function* pieces() {
      for (let at = 0; at < size; at++) yield piece;
    }
    await expect(readHistory(pieces(), { name: 'h' })).rejects.toThrow('this is no history');
  });

  it('lines, packed into a few bytes', async () => {
    const packed = gzipSync(Buffer.alloc(size, '\n'));
    await expect(readHistory([packed], { name: 'h' })).rejects.toThrow('there is no operation');
  });
});
