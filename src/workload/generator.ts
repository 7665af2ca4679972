/** What clients ask of simulations, benches and scripts: drawn from chance, with values that tell which write they came from. */
import { power } from '../core/alike.js';
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
import { ScrambledZipfian, Zipfian } from './zipfian.js';

/**
 * `transfer`: what two keys were seen to hold is checked and replaced. `append`: the same to one key, whose value is a list
 * that grows. `registers`: reads and writes of a few keys.
 */
export const transactionKinds = ['transfer', 'append', 'registers'] as const;

/**
 * Of YCSB. `new`: a put of a key that nobody has set. `scan`: gets of up to a hundred keys in a row, all at once. `rmw`: a
 * get, and then a put of the same key.
 */
export const taskKinds = ['new', 'scan', 'rmw'] as const;

export type OperationKind =
  | KeyOperation['type']
  | (typeof transactionKinds)[number]
  | (typeof taskKinds)[number];

/** What a client does before it does anything else: one operation, or several. */
export type Task =
  | DataOperation
  | { readonly type: 'scan'; readonly keys: readonly Key[] }
  | { readonly type: 'rmw'; readonly key: Key; readonly value: Uint8Array };

/** How often each kind is drawn, relative to the others. */
export type Mix = Readonly<Partial<Record<OperationKind, number>>>;

/** Keys that are a prefix and a number. */
export interface KeySpec {
  readonly prefix: string;
  /** The smallest number. */
  readonly first: number;
  /** At most 2^32. */
  readonly count: number;
  /**
   * 1: every key is as likely as any other. Greater: the first ones are hot. `in turn`: one after the other. `zipfian`: as
   * in YCSB, the hot ones lie anywhere. `latest`: as in YCSB, those that were added last are hot.
   */
  readonly skew: number | 'in turn' | 'zipfian' | 'latest';
  /** All have so many: zeros stand before the number. Absent: no zeros. */
  readonly bytes?: number;
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

/** Each key of those once, before there is any other load. */
export const fillOf = ({ keys, valueBytes }: OperationSpec): OperationSpec => ({
  ...{ keys: { ...keys, skew: 'in turn' }, mix: { put: 1 }, valueBytes },
});

/** Each key once; another run sets the same keys. */
export const multiset = (valueBytes: number, count: number): OperationSpec => ({
  ...{ keys: { prefix: 'multi-', first: 1, count, skew: 'in turn' }, mix: { put: 1 }, valueBytes },
});

const keyOf = ({ prefix, first, bytes = 0 }: KeySpec, nth: number): Key =>
  keyFromText(`${prefix}${String(first + nth).padStart(bytes - prefix.length, '0')}`);

export function keysOf({ keys }: OperationSpec): Key[] {
  return Array.from({ length: keys.count }, (_, nth) => keyOf(keys, nth));
}

const markCharactersMax = 4;
const numberCharactersMax = 11;

/** With less, not every value could be told from any other. */
export const uniqueValueBytesMin = markCharactersMax + 1 + numberCharactersMax;

/** Of a run: values of runs with other marks are others. */
export const markOf = (run: number): string =>
  Math.floor(run % power(36, markCharactersMax))
    .toString(36)
    .padStart(markCharactersMax, '0');

/** Of a buffer that values share. */
const sharedBytes = 8 * 1024;
const noBuffer = new ArrayBuffer(0);

const stepsMax = 4;
const scanKeysMax = 100;

/** One of those that share a load: its numbers, of keys in turn and of values, are `index`, `index + count`, and so on. */
export interface Part {
  readonly index: number;
  readonly count: number;
}

export const wholeLoad: Part = { index: 0, count: 1 };

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
  #shared = noBuffer;
  #sharedLeft = 0;
  /** What this client knows each key to hold. */
  readonly #seen = new Map<Key, Uint8Array | null>();
  readonly #zipfian: Pick<Zipfian, 'draw'>;
  readonly #latest: Zipfian;
  readonly #part: Part;
  #keysDrawn = 0;
  #keysAdded = 0;
  /** Those of them of which nobody has heard yet that they are there, and how many are. */
  readonly #adding = new Set<Key>();
  #keysThere: number;
  #valuesMade = 0;

  constructor(spec: OperationSpec, mark: string, random: Random, part = wholeLoad) {
    this.#spec = spec;
    this.#mark = mark;
    this.#random = random;
    this.#part = part;
    const { skew, count } = spec.keys;
    this.#zipfian = skew === 'zipfian' ? new ScrambledZipfian(count) : noZipfian;
    this.#latest = skew === 'latest' ? new Zipfian(count) : noZipfian;
    this.#keysThere = count;
    const kinds = Object.keys(spec.mix) as OperationKind[];
    this.#kinds = kinds.filter((kind) => (spec.mix[kind] ?? 0) > 0);
    this.#weights = this.#kinds.map((kind) => spec.mix[kind] ?? 0);
    this.#weightSum = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#pattern = new Uint8Array(spec.valueBytes).fill(0x2e);
    this.#pattern.set(encodeUtf8(mark));
  }

  /** Of a mix without scans and read-modify-writes. */
  next(): DataOperation {
    const task = this.nextTask();
    if (task.type === 'scan' || task.type === 'rmw') throw new Error(`${task.type} is a task`);
    return task;
  }

  nextTask(): Task {
    const kind = this.#drawKind();
    switch (kind) {
      case 'transfer':
        return this.#replaceSeen(this.#drawKeys(2), () => this.#newValue());
      case 'append':
        return this.#replaceSeen(this.#drawKeys(1), (key) => this.#longerList(key));
      case 'registers':
        return this.#registers();
      case 'new':
        return this.#ofOneKey('put', this.#newKey());
      case 'scan':
        return { type: 'scan', keys: this.#keysInRow() };
      case 'rmw':
        return { type: 'rmw', key: this.#drawKey(), value: this.#newValue() };
      default:
        return this.#ofOneKey(kind, this.#drawKey());
    }
  }

  /** Whether what it draws next depends on what {@link saw} is told. */
  get remembers(): boolean {
    const { skew } = this.#spec.keys;
    return this.#remembersValues || (skew === 'latest' && this.#kinds.includes('new'));
  }

  get #remembersValues(): boolean {
    return this.#kinds.some((kind) => kind === 'cas' || transactionKinds.includes(kind as never));
  }

  /** The value with this number: 0, 1, 2, … in the order in which they are made. */
  valueOf(number: number): Uint8Array {
    const value = this.#blankValue();
    const digits = number.toString(36);
    const from = this.#mark.length + 1;
    for (let at = 0; at < digits.length; at++) value[from + at] = digits.charCodeAt(at);
    return value;
  }

  /** Without its number. Small ones are cut from a buffer that they share: one of its own costs several times as much. */
  #blankValue(): Uint8Array {
    const { valueBytes } = this.#spec;
    if (valueBytes > sharedBytes / 8) return this.#pattern.slice();
    if (this.#sharedLeft < valueBytes) {
      this.#shared = new ArrayBuffer(sharedBytes);
      this.#sharedLeft = sharedBytes;
    }
    this.#sharedLeft -= valueBytes;
    const value = new Uint8Array(this.#shared, this.#sharedLeft, valueBytes);
    value.set(this.#pattern);
    return value;
  }

  /** Remembers what the client now knows of keys, for its next checks. */
  saw(operation: DataOperation, result: ClientResult): void {
    if (operation.type === 'put' && this.#adding.delete(operation.key) && result.type === 'done') {
      this.#latest.grow(++this.#keysThere);
    }
    if (!this.#remembersValues) return;
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
        return { type, key, value: this.#newValue() };
      case 'cas': {
        const value = this.#random.chance(0.2) ? null : this.#newValue();
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
        ? { type: 'put', key, value: this.#newValue() }
        : { type: 'delete', key };
    });
    return { type: 'txn', steps };
  }

  #longerList(key: Key): Uint8Array {
    const before = this.#seen.get(key) ?? null;
    const item = `${this.#mark}.${this.#newNumber()}`;
    // Only the end of a long list is kept: the last item tells it from every other.
    const list = before === null ? '' : keyFromBytes(before).slice(-this.#spec.valueBytes);
    return encodeUtf8(`${list} ${item}`);
  }

  #newNumber(): number {
    const { index, count } = this.#part;
    return index + count * this.#valuesMade++;
  }

  #newValue(): Uint8Array {
    return this.valueOf(this.#newNumber());
  }

  #drawKey(): Key {
    return keyOf(this.#spec.keys, this.#drawNumber());
  }

  #drawNumber(): number {
    const { count, skew } = this.#spec.keys;
    const { index, count: parts } = this.#part;
    switch (skew) {
      case 'in turn':
        return (index + parts * this.#keysDrawn++) % count;
      case 'zipfian':
        return this.#zipfian.draw(this.#random);
      case 'latest':
        return this.#numberOf(this.#keysThere - 1 - this.#latest.draw(this.#random));
      case 1:
        return this.#random.below(count);
      default:
        return Math.floor(count * power(this.#random.next(), skew));
    }
  }

  /** Of the keys that were there and those that this part has added, in their order, this one. */
  #numberOf(nth: number): number {
    const { count } = this.#spec.keys;
    const { index, count: parts } = this.#part;
    return nth < count ? nth : count + index + parts * (nth - count);
  }

  #newKey(): Key {
    const { keys } = this.#spec;
    const key = keyOf(keys, this.#numberOf(keys.count + this.#keysAdded++));
    if (keys.skew === 'latest') this.#adding.add(key);
    return key;
  }

  #keysInRow(): Key[] {
    const { keys } = this.#spec;
    const first = this.#drawNumber();
    const length = Math.min(1 + this.#random.below(scanKeysMax), keys.count);
    return Array.from({ length }, (_, nth) => keyOf(keys, (first + nth) % keys.count));
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

const noZipfian = new Zipfian(1);

/** What the key holds once `operation` took effect; `null` for a delete and for a read. */
export function writtenBy(operation: KeyOperation): Uint8Array | null {
  return 'value' in operation ? operation.value : null;
}
