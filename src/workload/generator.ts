/** What clients ask, drawn from chance: every kind of operation, with values that tell which write they came from. */
import type { Millis } from '../core/ids.js';
import { type Key, keyFromBytes, keyFromText } from '../core/key.js';
import type {
  ClientResult,
  DataOperation,
  KeyOperation,
  Transaction,
  TransactionStep,
} from '../core/operation.js';
import type { Random } from '../core/random.js';
import { encodeUtf8 } from '../core/utf8.js';

/**
 * `transfer`: what two keys were seen to hold is checked and replaced. `append`: the same to one key, whose value is a list
 * that grows. `registers`: reads and writes of a few keys.
 */
export const transactionKinds = ['transfer', 'append', 'registers'] as const;

export type OperationKind = KeyOperation['type'] | (typeof transactionKinds)[number];

/** How often each kind is drawn, relative to the others. */
export type Mix = Readonly<Record<OperationKind, number>>;

export interface OperationSpec {
  readonly keys: number;
  /** 1: every key is as likely as any other. Greater: the first ones are hot. */
  readonly skew: number;
  readonly mix: Mix;
  /** Pads values, so that logs grow and snapshots are taken. */
  readonly valueBytes: number;
}

/** What closed-loop clients do. */
export interface ClientSpec extends OperationSpec {
  readonly clients: number;
  /** Mean pause of a client between an answer and its next operation. */
  readonly thinkMsMean: Millis;
}

export function keysOf({ keys }: OperationSpec): Key[] {
  return Array.from({ length: keys }, (_, nth) => keyFromText(`k${nth}`));
}

const stepsMax = 4;

/** Draws one client's operations. Every value is unique: it names its client and a sequence number. */
export class OperationGenerator {
  readonly #spec: OperationSpec;
  readonly #keys: readonly Key[];
  readonly #client: string;
  readonly #random: Random;
  readonly #weights: readonly (readonly [OperationKind, number])[];
  readonly #weightSum: number;
  /** What this client knows each key to hold. */
  readonly #seen = new Map<Key, Uint8Array | null>();
  #sequence = 0;

  constructor(spec: OperationSpec, client: string, random: Random) {
    this.#spec = spec;
    this.#keys = keysOf(spec);
    this.#client = client;
    this.#random = random;
    this.#weights = Object.entries(spec.mix) as [OperationKind, number][];
    this.#weightSum = this.#weights.reduce((sum, [, weight]) => sum + weight, 0);
  }

  next(): DataOperation {
    const kind = this.#drawKind();
    switch (kind) {
      case 'transfer':
        return this.#replaceSeen(this.#drawKeys(2), () => this.#uniqueValue());
      case 'append':
        return this.#replaceSeen(this.#drawKeys(1), (key) => this.#longerList(key));
      case 'registers':
        return this.#registers();
      default:
        return this.#ofOneKey(kind, this.#drawKey());
    }
  }

  /** Remembers what the client now knows of keys, for its next checks. */
  saw(operation: DataOperation, result: ClientResult): void {
    if (operation.type === 'txn') {
      if (result.type === 'committed') this.#sawSteps(operation, result.values);
      // Of a transaction it is not said which key was different.
      else if (result.type === 'refused')
        for (const { key } of operation.steps) this.#seen.delete(key);
    } else if (result.type === 'value') this.#seen.set(operation.key, result.value);
    else if (result.type === 'refused') this.#seen.set(operation.key, result.actual);
    else if (result.type === 'done') this.#seen.set(operation.key, writtenBy(operation));
  }

  #sawSteps({ steps }: Transaction, values: readonly (Uint8Array | null)[]): void {
    let gets = 0;
    for (const step of steps) {
      if (step.type === 'get') this.#seen.set(step.key, values[gets++] ?? null);
      else if (step.type === 'put') this.#seen.set(step.key, step.value);
      else if (step.type === 'delete') this.#seen.set(step.key, null);
    }
  }

  #ofOneKey(type: KeyOperation['type'], key: Key): KeyOperation {
    switch (type) {
      case 'get':
      case 'delete':
        return { type, key };
      case 'put':
      case 'insert':
      case 'update':
        return { type, key, value: this.#uniqueValue() };
      case 'cas': {
        const value = this.#random.chance(0.2) ? null : this.#uniqueValue();
        return { type, key, expected: this.#seen.get(key) ?? null, value };
      }
    }
  }

  /** Of keys that were never looked at, it looks first. */
  #replaceSeen(keys: readonly Key[], valueFor: (key: Key) => Uint8Array): Transaction {
    if (keys.some((key) => !this.#seen.has(key))) {
      return { type: 'txn', steps: keys.map((key) => ({ type: 'get', key })) };
    }
    const checks = keys.map((key): TransactionStep => {
      return { type: 'check', key, expected: this.#seen.get(key) ?? null };
    });
    const puts = keys.map((key): TransactionStep => ({ type: 'put', key, value: valueFor(key) }));
    return { type: 'txn', steps: [...checks, ...puts] };
  }

  #registers(): Transaction {
    const steps = this.#drawKeys(1 + this.#random.below(stepsMax)).map((key): TransactionStep => {
      const lot = this.#random.next();
      if (lot < 0.5) return { type: 'get', key };
      return lot < 0.95
        ? { type: 'put', key, value: this.#uniqueValue() }
        : { type: 'delete', key };
    });
    return { type: 'txn', steps };
  }

  #longerList(key: Key): Uint8Array {
    const before = this.#seen.get(key) ?? null;
    const item = this.#uniqueText();
    // Only the end of a long list is kept: the last item tells it from every other.
    const list = before === null ? '' : textOf(before).slice(-this.#spec.valueBytes);
    return bytesOf(`${list} ${item}`);
  }

  #drawKey(): Key {
    const { keys, skew } = this.#spec;
    return this.#keys[Math.floor(keys * this.#random.next() ** skew)] as Key;
  }

  /** Different ones, as many as there are at most. */
  #drawKeys(count: number): Key[] {
    const drawn = new Set<Key>();
    const wanted = Math.min(count, this.#spec.keys);
    while (drawn.size < wanted) drawn.add(this.#drawKey());
    return [...drawn];
  }

  #uniqueText(): string {
    this.#sequence++;
    return `${this.#client}-${this.#sequence}`;
  }

  #uniqueValue(): Uint8Array {
    return bytesOf(this.#uniqueText().padEnd(this.#spec.valueBytes, '.'));
  }

  #drawKind(): OperationKind {
    let left = this.#random.next() * this.#weightSum;
    for (const [kind, weight] of this.#weights) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'get';
  }
}

/** What the key holds once `operation` took effect; `null` for a delete and for a read. */
export function writtenBy(operation: KeyOperation): Uint8Array | null {
  return 'value' in operation ? operation.value : null;
}

const bytesOf = (text: string): Uint8Array => encodeUtf8(text);
const textOf = (bytes: Uint8Array): string => keyFromBytes(bytes);
