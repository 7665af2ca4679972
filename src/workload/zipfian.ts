/**
 * Zipfian numbers as YCSB draws them, so that figures can be laid beside those of others: Gray et al., "Quickly generating
 * billion-record synthetic databases" (SIGMOD 1994), section 3.2, with YCSB's constants.
 */
import { power } from '../core/alike.js';
import type { Random } from '../core/random.js';

const theta = 0.99;
const alpha = 1 / (1 - theta);

/** 1 + 1/2^θ + … + 1/n^θ, after the first thousand by Euler and Maclaurin: right to 12 digits, whatever n. */
export function zeta(n: number): number {
  const exact = Math.min(n, 1000);
  let sum = 0;
  for (let k = 1; k <= exact; k++) sum += power(k, -theta);
  if (n === exact) return sum;
  const integral = (power(n, 1 - theta) - power(exact, 1 - theta)) / (1 - theta);
  const ends = (power(n, -theta) - power(exact, -theta)) / 2;
  const slopes = (theta * (power(exact, -theta - 1) - power(n, -theta - 1))) / 12;
  return sum + integral + ends + slopes;
}

const zetaOf2 = zeta(2);
const twoOfMany = 1 + power(0.5, theta);

/** Draws 0, 1, …, `count - 1`, the smaller the more often. */
export class Zipfian {
  #count = 0;
  #zeta = 0;
  #eta = 0;

  constructor(count: number, zetaOfCount = zeta(count)) {
    this.#set(count, zetaOfCount);
  }

  /** From now on there are so many. Cheap when they are few more than before. */
  grow(count: number): void {
    let zetaOfCount = this.#zeta;
    for (let k = this.#count + 1; k <= count; k++) zetaOfCount += power(k, -theta);
    this.#set(count, zetaOfCount);
  }

  draw(random: Random): number {
    const u = random.next();
    const uz = u * this.#zeta;
    if (uz < 1 || this.#count === 1) return 0;
    if (uz < twoOfMany) return 1;
    const drawn = Math.floor(this.#count * power(this.#eta * u - this.#eta + 1, alpha));
    return Math.min(drawn, this.#count - 1);
  }

  #set(count: number, zetaOfCount: number): void {
    this.#count = count;
    this.#zeta = zetaOfCount;
    this.#eta = (1 - power(2 / count, 1 - theta)) / (1 - zetaOf2 / zetaOfCount);
  }
}

/** YCSB draws from ten billion and scatters them, so that the hot keys are the same ones however many keys there are. */
const scrambledCount = 1e10;
const scrambledZeta = 26.46902820178302;

/** As hot as {@link Zipfian}, but the hot ones lie anywhere. */
export class ScrambledZipfian {
  readonly #zipfian = new Zipfian(scrambledCount, scrambledZeta);
  readonly #count: number;

  /** At most 2^32. */
  constructor(count: number) {
    this.#count = count;
  }

  draw(random: Random): number {
    return fnvModulo(this.#zipfian.draw(random), this.#count);
  }
}

const word = 0x1_0000_0000;

/** The absolute value of YCSB's `fnvhash64`, modulo `count`: in halves of 32 bits, since numbers end at 53. */
export function fnvModulo(value: number, count: number): number {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  let rest = value;
  for (let byte = 0; byte < 8; byte++) {
    low = (low ^ (rest % 256)) >>> 0;
    rest = Math.floor(rest / 256);
    // Times the prime, 2^40 + 0x1b3.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / word) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  if (high >= word / 2) {
    high = (~high + (low === 0 ? 1 : 0)) >>> 0;
    low = -low >>> 0;
  }
  const upper = ((high % count) * 0x1_0000 + (low >>> 16)) % count;
  return (upper * 0x1_0000 + (low & 0xffff)) % count;
}
