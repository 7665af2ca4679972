import { expect, it } from 'vitest';
import { naturalLog, power } from './alike.js';
import { SeededRandom } from './random.js';

const bitsOf = (x: number): string => Buffer.from(new Float64Array([x]).buffer).toString('hex');
const farFrom = (x: number, y: number): number => Math.abs(x - y) / (Math.abs(y) * Number.EPSILON);

it('are logarithms and powers, to a unit in the last place or two', () => {
  const random = new SeededRandom(1);
  for (let run = 0; run < 10_000; run++) {
    const [x, exponent] = [1 - random.next(), random.next()];
    const sized = x * 2 ** random.pick([0, 0, 1, -40, 500, -1060]);
    if (sized > 0) expect(farFrom(naturalLog(sized), Math.log(sized))).toBeLessThanOrEqual(2);
    for (const [base, to] of [
      [x, 3],
      [x, 4],
      [8, exponent],
      [x, exponent],
    ] as const) {
      expect(farFrom(power(base, to), base ** to)).toBeLessThanOrEqual(3);
    }
  }
  expect([naturalLog(1), power(0, 4), power(1, 3), power(2, 8), power(8, 0)]).toEqual([
    0, 0, 1, 256, 1,
  ]);
});

/** As V8 11.3 has them, and V8 15.6 has not. */
it('have the same bits on every engine', () => {
  const random = new SeededRandom(7);
  let [logs, powers] = [0, 0];
  for (let run = 0; run < 10_000; run++) {
    const x = 1 - random.next();
    logs += naturalLog(x);
    powers += power(x, 4) + power(10, x);
  }
  expect([logs, powers].map(bitsOf)).toEqual(['2c3ff8664950c3c0', '2e5494b3431ae440']);
});
