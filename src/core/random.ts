/** The only source of chance a protocol may use. Seeded, so that a simulation can be replayed bit by bit. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number in [0, bound). `bound` is at least 1. */
  below(bound: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
}

/**
 * sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, fast in 32-bit integer arithmetic, the same numbers on
 * every machine.
 */
export class SeededRandom implements Random {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  /** Any finite number is a seed; seeds that differ in a few bits give unrelated sequences. */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0;
    this.#c = 0x9e3779b9 | 0;
    this.#counter = 1;
    for (let round = 0; round < 15; round++) this.uint32();
  }

  uint32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  next(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** An independent generator: drawing from it does not disturb this one, and the other way round. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32() + this.uint32() * 0x20_0000);
  }
}
