/** No input makes a reader fall over, or think for long: what is no history is refused. Damaged ones: test/fuzz. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readHistory } from './files/read-file.js';
import { hostileInputs } from './testing/hostile.js';

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
