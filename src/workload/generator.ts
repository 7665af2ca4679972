/** What clients ask of simulations, benches and scripts: drawn from chance, with values that tell which write they came from. */
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
export type Mix = Readonly<Partial<Record<OperationKind, number>>>;

/** Keys that are a prefix and a number. */
export interface KeySpec {
  readonly prefix: string;
  /** The smallest number. */
  readonly first: number;
  /** At most 2^32. */
  readonly count: number;
  /** 1: every key is as likely as any other. Greater: the first ones are hot. `in turn`: one after the other. */
  readonly skew: number | 'in turn';
}

/** A mix of operations, as data. */
export interface OperationSpec {
  readonly keys: KeySpec;
  readonly mix: Mix;
  /** Of each value, those of lists aside. */
  readonly valueBytes: number;
}

/** The key that {@link rapidset} sets over and over. */
export const rapidsetKey: Key = keyFromText('1234');

/** The same key again and again. */
export const rapidset = (valueBytes: number): OperationSpec => ({
  ...{ keys: { prefix: '', first: 1234, count: 1, skew: 'in turn' }, mix: { put: 1 }, valueBytes },
});

/** Each key once; another run sets the same keys. */
export const multiset = (valueBytes: number, count: number): OperationSpec => ({
  ...{ keys: { prefix: 'multi-', first: 1, count, skew: 'in turn' }, mix: { put: 1 }, valueBytes },
});

const keyOf = ({ prefix, first }: KeySpec, nth: number): Key =>
  keyFromText(`${prefix}${first + nth}`);

export function keysOf({ keys }: OperationSpec): Key[] {
  return Array.from({ length: keys.count }, (_, nth) => keyOf(keys, nth));
}

const markCharactersMax = 4;
const numberCharactersMax = 11;

/** With less, not every value could be told from any other. */
export const uniqueValueBytesMin = markCharactersMax + 1 + numberCharactersMax;

/** Of a run: values of runs with other marks are others. */
export const markOf = (run: number): string =>
  Math.floor(run % 36 ** markCharactersMax)
    .toString(36)
    .padStart(markCharactersMax, '0');

const stepsMax = 4;

/**
 * Draws operations, of one client or of all that share a load. A seed and an order give the same on every machine.
 *
 * Values are unlike any other of the same mark: whoever reads one knows which write it came from. They are text, such as
 * `k3x0.2s...........`: the mark, a point, a number in base 36, 2^53 - 1 at most, then points.
 */
export class OperationGenerator {
  readonly #spec: OperationSpec;
  readonly #mark: string;
  readonly #random: Random;
  readonly #kinds: readonly OperationKind[];
  readonly #weights: readonly number[];
  readonly #weightSum: number;
  /** A value without its number. */
  readonly #pattern: Uint8Array;
  /** What this client knows each key to hold. */
  readonly #seen = new Map<Key, Uint8Array | null>();
  #keysDrawn = 0;
  #valuesMade = 0;

  constructor(spec: OperationSpec, mark: string, random: Random) {
    this.#spec = spec;
    this.#mark = mark;
    this.#random = random;
    const kinds = Object.keys(spec.mix) as OperationKind[];
    this.#kinds = kinds.filter((kind) => (spec.mix[kind] ?? 0) > 0);
    this.#weights = this.#kinds.map((kind) => spec.mix[kind] ?? 0);
    this.#weightSum = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#pattern = new Uint8Array(spec.valueBytes).fill(0x2e);
    this.#pattern.set(encodeUtf8(mark));
  }

  next(): DataOperation {
    const kind = this.#drawKind();
    switch (kind) {
      case 'transfer':
        return this.#replaceSeen(this.#drawKeys(2), () => this.valueOf(this.#valuesMade++));
      case 'append':
        return this.#replaceSeen(this.#drawKeys(1), (key) => this.#longerList(key));
      case 'registers':
        return this.#registers();
      default:
        return this.#ofOneKey(kind, this.#drawKey());
    }
  }

  /** The value with this number: 0, 1, 2, … in the order in which they are made. */
  valueOf(number: number): Uint8Array {
    const value = this.#pattern.slice();
    const digits = number.toString(36);
    const from = this.#mark.length + 1;
    for (let at = 0; at < digits.length; at++) value[from + at] = digits.charCodeAt(at);
    return value;
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
        return { type, key, value: this.valueOf(this.#valuesMade++) };
      case 'cas': {
        const value = this.#random.chance(0.2) ? null : this.valueOf(this.#valuesMade++);
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

  /** Also of gets alone, and of checks of one key that decide whether another is written. */
  #registers(): Transaction {
    const random = this.#random;
    const getShare = random.chance(0.2) ? 1 : 0.5;
    const steps = this.#drawKeys(1 + random.below(stepsMax)).map((key): TransactionStep => {
      const seen = this.#seen.get(key);
      if (random.chance(getShare)) {
        const isChecked = seen !== undefined && getShare < 1 && random.chance(0.3);
        return isChecked ? { type: 'check', key, expected: seen } : { type: 'get', key };
      }
      return random.chance(0.9)
        ? { type: 'put', key, value: this.valueOf(this.#valuesMade++) }
        : { type: 'delete', key };
    });
    return { type: 'txn', steps };
  }

  #longerList(key: Key): Uint8Array {
    const before = this.#seen.get(key) ?? null;
    const item = `${this.#mark}.${this.#valuesMade++}`;
    // Only the end of a long list is kept: the last item tells it from every other.
    const list = before === null ? '' : keyFromBytes(before).slice(-this.#spec.valueBytes);
    return encodeUtf8(`${list} ${item}`);
  }

  #drawKey(): Key {
    const { keys } = this.#spec;
    const { count, skew } = keys;
    if (skew === 'in turn') return keyOf(keys, this.#keysDrawn++ % count);
    if (skew === 1) return keyOf(keys, this.#random.below(count));
    return keyOf(keys, Math.floor(count * this.#random.next() ** skew));
  }

  /** Different ones, as many as there are at most. */
  #drawKeys(count: number): Key[] {
    const drawn = new Set<Key>();
    const wanted = Math.min(count, this.#spec.keys.count);
    while (drawn.size < wanted) drawn.add(this.#drawKey());
    return [...drawn];
  }

  #drawKind(): OperationKind {
    let left = this.#random.next() * this.#weightSum;
    let at = 0;
    while (at < this.#weights.length - 1) {
      left -= this.#weights[at] as number;
      if (left < 0) break;
      at++;
    }
    return this.#kinds[at] ?? 'get';
  }
}

/** What the key holds once `operation` took effect; `null` for a delete and for a read. */
export function writtenBy(operation: KeyOperation): Uint8Array | null {
  return 'value' in operation ? operation.value : null;
}
