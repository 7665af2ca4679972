import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { fnvModulo, ScrambledZipfian, Zipfian, zeta } from './zipfian.js';

const sum = (n: number): number => {
  let total = 0;
  for (let k = 1; k <= n; k++) total += k ** -0.99;
  return total;
};

describe('zeta', () => {
  it('is the sum of k^-0.99, and of ten billion what YCSB says', () => {
    for (const n of [1, 2, 1000, 1001, 100_000]) expect(zeta(n)).toBeCloseTo(sum(n), 9);
    expect(zeta(1e10)).toBeCloseTo(26.46902820178302, 6);
  });
});

/** How often each number was drawn. */
function countsOf(draw: (random: SeededRandom) => number, count: number, draws: number): number[] {
  const counts = Array.from({ length: count }, () => 0);
  const random = new SeededRandom(1);
  for (let nth = 0; nth < draws; nth++) {
    const drawn = draw(random);
    counts[drawn] = (counts[drawn] ?? Number.NaN) + 1;
  }
  return counts;
}

describe('zipfian numbers', () => {
  it('are drawn as often as the law has it, the first two exactly', () => {
    const zipfian = new Zipfian(100);
    const counts = countsOf((random) => zipfian.draw(random), 100, 100_000);
    const expected = (nth: number) => (nth + 1) ** -0.99 / sum(100);
    for (const nth of [0, 1]) expect((counts[nth] ?? 0) / 1e5).toBeCloseTo(expected(nth), 2);
    const tail = counts.slice(50).reduce((total, each) => total + each, 0) / 1e5;
    expect(tail).toBeCloseTo((sum(100) - sum(50)) / sum(100), 1);
    expect(counts.every((each) => each > 0)).toBe(true);
  });

  it('of more are drawn as if there had always been so many', () => {
    const [grown, whole] = [new Zipfian(10), new Zipfian(3000)];
    grown.grow(3000);
    const [a, b] = [grown, whole].map((zipfian) => {
      const random = new SeededRandom(3);
      return Array.from({ length: 500 }, () => zipfian.draw(random));
    });
    expect(a).toEqual(b);
  });

  it('of one are that one', () => {
    expect(countsOf((random) => new Zipfian(1).draw(random), 1, 50)).toEqual([50]);
  });

  it('scrambled are as hot, but the hottest is not the first', () => {
    const zipfian = new ScrambledZipfian(1000);
    const counts = countsOf((random) => zipfian.draw(random), 1000, 50_000);
    const sorted = [...counts].sort((a, b) => b - a);
    // One in 26.5, and what others fall on the same key.
    expect((sorted[0] ?? 0) / 50_000).toBeGreaterThan(0.035);
    expect((sorted[0] ?? 0) / 50_000).toBeLessThan(0.05);
    expect(counts.indexOf(sorted[0] ?? 0)).toBe(fnvModulo(0, 1000));
  });
});

/** As YCSB's `Utils.fnvhash64` has it. */
function fnvhash64(value: bigint): bigint {
  let hash = BigInt.asIntN(64, 0xcbf29ce484222325n);
  let rest = value;
  for (let byte = 0; byte < 8; byte++) {
    hash = BigInt.asIntN(64, BigInt.asIntN(64, hash ^ (rest & 0xffn)) * 1099511628211n);
    rest >>= 8n;
  }
  return hash < 0n ? -hash : hash;
}

it('numbers are scattered as YCSB scatters them', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 2 ** 32 }), (value, count) => {
      expect(fnvModulo(value, count)).toBe(Number(fnvhash64(BigInt(value)) % BigInt(count)));
    }),
  );
});
