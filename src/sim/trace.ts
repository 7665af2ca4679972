import { mix32 } from '../core/hash.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { CrashKind } from '../faults/fault.js';

/** What is hashed of what happens in a simulated world, by what it is. */
export const hashed = {
  ...{ sent: 0, delivered: 1, lost: 2, held: 3, turn: 4, timer: 5, persist: 6, sync: 7 },
  ...{ durable: 8, start: 9, crash: 10, pause: 11, resume: 12, clock: 13, rules: 14 },
  ...{ call: 15, return: 16, violation: 17 },
} as const;

export type HashedType = (typeof hashed)[keyof typeof hashed];

/** A node, by its name and by the number that is hashed. */
export interface TracedNode {
  readonly id: NodeId;
  readonly index: number;
}

/** How a crash differs from another in the hash. */
export const crashNumbers: Readonly<Record<CrashKind, number>> = { kill: 1, power: 2 };

/** How an answer differs from another in the hash; `null`: there was none. */
export function resultNumber(result: ClientResult | null): number {
  if (result === null) return 1;
  if (result.type === 'error') return result.definite ? 2 : 3;
  return 'version' in result ? (result.version?.stamp ?? 4) | 0 : 5;
}

/**
 * A running hash over everything that happens in a world, in order: two runs of one seed that differ in anything differ
 * in it. What happened, event by event, only a sink hears (`runtime/tracing`): a hash alone allocates nothing.
 */
export class Trace {
  /** Virtual time, kept by the world. */
  now: Millis = 0;
  readonly #timeBits = new Float64Array(1);
  readonly #timeWords = new Uint32Array(this.#timeBits.buffer);
  #high = 0x243f6a88;
  #low = 0x85a308d3 | 0;

  /** 16 hexadecimal digits. */
  get hash(): string {
    const digits = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return digits(this.#high) + digits(this.#low);
  }

  /** `subject` and `detail` are any 32-bit numbers that tell the node or the link, and what happened to it, from others. */
  note(type: HashedType, subject: number, detail = 0): void {
    this.#timeBits[0] = this.now;
    this.#mix(this.#timeWords[0] as number);
    this.#mix(this.#timeWords[1] as number);
    this.#mix(type * 0x10000 + subject);
    this.#mix(detail);
  }

  #mix(word: number): void {
    this.#low = mix32(this.#low ^ word) | 0;
    this.#high = (Math.imul(this.#high, 0x01000193) + this.#low) | 0;
  }
}
