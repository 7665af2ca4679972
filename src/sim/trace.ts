import { mix32 } from '../core/hash.js';
import type { Millis } from '../core/ids.js';

/** What can happen in a simulated world, as its trace tells it. The place in this list is what is hashed. */
const happenings = [
  'turn',
  'alarm',
  'sync',
  'send',
  'lose',
  'deliver',
  'start',
  'crash',
  'pause',
  'resume',
  'clock',
  'rules',
  'network',
  'invoke',
  'return',
  'violation',
] as const;

export type Happening = (typeof happenings)[number];

const codes = new Map<Happening, number>(happenings.map((happening, code) => [happening, code]));

/**
 * A running hash over everything that happens in a world, in order: two runs of one seed that differ in anything differ
 * in it. Keeps the readable lines too, but only when asked, since they cost more than the simulation.
 */
export class Trace {
  readonly lines: string[] | null;
  readonly #timeBits = new Float64Array(1);
  readonly #timeWords = new Uint32Array(this.#timeBits.buffer);
  #high = 0x243f6a88;
  #low = 0x85a308d3;

  constructor(keepLines: boolean) {
    this.lines = keepLines ? [] : null;
  }

  /** `subject` and `detail` are any 32-bit numbers that tell this from another; `describe` is for people. */
  note(
    time: Millis,
    happening: Happening,
    subject: number,
    detail: number,
    describe: () => string,
  ): void {
    this.#timeBits[0] = time;
    this.#mix(this.#timeWords[0] as number);
    this.#mix(this.#timeWords[1] as number);
    this.#mix((codes.get(happening) as number) * 0x10000 + subject);
    this.#mix(detail);
    this.lines?.push(`${time.toFixed(3).padStart(11)} ${happening.padEnd(8)} ${describe()}`);
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    const digits = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return digits(this.#high) + digits(this.#low);
  }

  #mix(word: number): void {
    this.#low = mix32(this.#low ^ word);
    this.#high = (Math.imul(this.#high, 0x01000193) + this.#low) | 0;
  }
}
