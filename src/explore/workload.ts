import type { Millis } from '../core/ids.js';
import { type Key, keyFromText } from '../core/key.js';
import type { KeyOperation, Level } from '../core/operation.js';
import type { Random } from '../core/random.js';

/** What the simulated clients do. */
export interface Workload {
  readonly clients: number;
  readonly keys: number;
  /** Mean pause of a client between an answer and its next operation. */
  readonly thinkMsMean: Millis;
  /** What the node is told. */
  readonly requestTimeoutMs: Millis;
  /** When the client gives up by itself. */
  readonly clientTimeoutMs: Millis;
  /** How often each kind is drawn, relative to the others. */
  readonly mix: Readonly<Record<KeyOperation['type'], number>>;
  /** Each operation draws one. */
  readonly levels: readonly (Level | null)[];
  /** Probability that an operation goes to another node than its client's own. */
  readonly roaming: number;
  /** Clients keep sessions: they say what they have written and read, and may be told that a node is behind it. */
  readonly sessions: boolean;
  /** Pads values, so that logs grow and snapshots are taken. */
  readonly valueBytes: number;
}

/** A workload like no other: few clients or many, hot keys or cold. About as many operations whatever is drawn. */
export function drawWorkload(random: Random): Workload {
  const clients = 2 + random.below(7);
  return {
    clients,
    keys: 1 + random.below(8),
    thinkMsMean: clients * (2 + 10 * random.next() ** 2),
    requestTimeoutMs: 400,
    clientTimeoutMs: random.pick([100, 450, 600]),
    mix: { get: 8, put: 6, delete: 2 * random.below(5), insert: 1, update: 1, cas: 1 },
    levels: ['quorum'],
    roaming: random.next() ** 2,
    sessions: false,
    valueBytes: 12 + random.below(120),
  };
}

/** Draws operations. Every value written is unique: it names its client and a sequence number. */
export class OperationGenerator {
  readonly #workload: Workload;
  readonly #client: number;
  readonly #random: Random;
  readonly #lastSeen = new Map<Key, Uint8Array | null>();
  #sequence = 0;

  constructor(workload: Workload, client: number, random: Random) {
    this.#workload = workload;
    this.#client = client;
    this.#random = random;
  }

  next(): KeyOperation {
    const key = keyFromText(`k${this.#random.below(this.#workload.keys)}`);
    const type = this.#drawType();
    switch (type) {
      case 'get':
      case 'delete':
        return { type, key };
      case 'put':
      case 'insert':
      case 'update':
        return { type, key, value: this.#uniqueValue() };
      case 'cas':
        return {
          type,
          key,
          expected: this.#lastSeen.get(key) ?? null,
          value: this.#random.chance(0.2) ? null : this.#uniqueValue(),
        };
    }
  }

  /** Remembers what the client knows of a key, for its next compare-and-set. */
  saw(key: Key, value: Uint8Array | null): void {
    this.#lastSeen.set(key, value);
  }

  #uniqueValue(): Uint8Array {
    this.#sequence++;
    const text = `c${this.#client}-${this.#sequence}`;
    return Buffer.from(text.padEnd(this.#workload.valueBytes, '.'));
  }

  #drawType(): KeyOperation['type'] {
    const entries = Object.entries(this.#workload.mix) as [KeyOperation['type'], number][];
    let left = this.#random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [type, weight] of entries) {
      left -= weight;
      if (left < 0) return type;
    }
    return 'get';
  }
}
