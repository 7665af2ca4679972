/** What each transaction read from others and left for others, key by key. */

import { entryOf } from '../../core/lookup.js';
import { absent, type Step } from '../../history/history.js';
import type { DirectAnomaly } from './anomaly.js';
import type { SeenTransaction } from './transactions.js';

export interface ReadAccess {
  /** An index into the live transactions. */
  readonly by: number;
  readonly key: number;
  /** What others had left there: a value, or a list without what the transaction had appended itself. */
  readonly value: number | readonly number[];
  /** With what the transaction had appended itself. */
  readonly shown: number | readonly number[];
  /** The transaction had appended to the list before: what others left is what it appended to. */
  readonly isBase: boolean;
}

export interface WriteAccess {
  readonly by: number;
  readonly key: number;
  readonly value: number;
  readonly isAppend: boolean;
  /** Overwritten, or appended to, by the same transaction. */
  readonly isIntermediate: boolean;
}

/** A read that disagrees with what the transaction itself had read or written. */
type Flaw = Omit<DirectAnomaly, 'by'>;

export interface Access {
  /** No two of the same key and value, but where one is of what the transaction appended to. */
  readonly reads: readonly ReadAccess[];
  readonly writes: readonly WriteAccess[];
  /** The one that the weakest model forbids. */
  readonly flaw: Flaw | null;
}

const notItsOwn: Flaw = {
  ...{ name: 'internal', forbiddenBy: 'read-committed' },
  told: '{0} did not read what it had written itself',
};
const notRepeatable: Flaw = {
  ...{ name: 'non-repeatable read', forbiddenBy: 'read-atomic' },
  told: '{0} read one key twice and saw two states of it',
};

interface Held {
  /** What others left; null while it is not known. */
  base: number | readonly number[] | null;
  /** What the transaction wrote there last. */
  written: number | null;
  /** What the transaction appended. */
  readonly appended: number[];
}

export function accessOf({ steps }: SeenTransaction, by: number): Access {
  const held = new Map<number, Held>();
  const reads: ReadAccess[] = [];
  const writes: WriteAccess[] = [];
  let flaw: Flaw | null = null;
  steps.forEach((step, at) => {
    const { f, key } = step;
    const own = entryOf(held, key, () => ({ base: null, written: null, appended: [] }));
    if (f === 'r') {
      if (step.value === null) return;
      if (own.written !== null) {
        if (!isSame(own.written, step.value)) flaw = notItsOwn;
        return;
      }
      const base = leftByOthers(own.appended, step.value);
      if (base === null) {
        flaw = notItsOwn;
        return;
      }
      const isNew = own.base === null || !isSame(own.base, base);
      if (own.base !== null && isNew) flaw ??= notRepeatable;
      own.base ??= base;
      const isBase = own.appended.length > 0;
      if (isNew || isBase) reads.push({ by, key, value: base, shown: step.value, isBase });
      return;
    }
    writes.push({
      ...{ by, key, value: step.value, isAppend: f === 'append' },
      isIntermediate: steps.some(
        (other, later) => later > at && other.f !== 'r' && other.key === key,
      ),
    });
    if (f === 'append') own.appended.push(step.value);
    else own.written = step.value;
  });
  return { reads, writes, flaw };
}

/** `null` when the list does not end with what the transaction appended. */
export function leftByOthers(
  appended: readonly number[],
  seen: number | readonly number[],
): number | readonly number[] | null {
  if (appended.length === 0) return seen;
  const list = asList(seen);
  const length = list.length - appended.length;
  if (length < 0 || appended.some((value, at) => value !== list[length + at])) return null;
  return list.slice(0, length);
}

/** A key that was never appended to reads as absent, or as an empty list. */
export function asList(value: number | readonly number[]): readonly number[] {
  if (typeof value !== 'number') return value;
  return value === absent ? [] : [value];
}

export function isSame(a: number | readonly number[], b: number | readonly number[]): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const [left, right] = [asList(a), asList(b)];
  return left.length === right.length && isPrefix(left, right);
}

/** Whether the second list continues the first. */
export function isPrefix(list: readonly number[], longer: readonly number[]): boolean {
  for (let at = 0; at < list.length; at++) if (list[at] !== longer[at]) return false;
  return true;
}

/** Keys that lists are kept under, and keys that single values are; a key of both kinds can't be judged. */
export function kindsOfKeys(transactions: readonly SeenTransaction[]) {
  const lists = new Set<number>();
  const registers = new Set<number>();
  for (const { steps } of transactions) {
    for (const step of steps) {
      if (isOfList(step)) lists.add(step.key);
      else if (step.f === 'w' || (step.value !== absent && step.value !== null)) {
        registers.add(step.key);
      }
    }
  }
  return { lists, mixed: [...registers].filter((key) => lists.has(key)) };
}

function isOfList(step: Step): boolean {
  return step.f === 'append' || (step.f === 'r' && Array.isArray(step.value));
}

/** In the place of a transaction: what was there at first. */
export const atFirst = -1;

/** Who wrote which value of which key. */
export class Written {
  /** What others can read of single values: the last write of each transaction. */
  readonly #last = new Map<number, number | number[]>();
  readonly #hidden = new Map<number, WriteAccess>();
  readonly #appends = new Map<number, WriteAccess | WriteAccess[]>();
  readonly #aborted = new Map<number, SeenTransaction>();
  readonly #valueCount: number;

  constructor(access: readonly Access[], aborted: readonly SeenTransaction[], valueCount: number) {
    this.#valueCount = valueCount;
    for (const { writes } of access) for (const write of writes) this.#add(write);
    for (const transaction of aborted) {
      for (const { f, key, value } of transaction.steps) {
        if (f !== 'r') this.#aborted.set(this.#name(key, value), transaction);
      }
    }
  }

  #add(write: WriteAccess): void {
    const name = this.#name(write.key, write.value);
    if (write.isAppend) push(this.#appends, name, write);
    else if (write.isIntermediate) this.#hidden.set(name, write);
    else push(this.#last, name, write.by);
  }

  /** Whose value `reader` may have read, itself aside; what was there at first among them. */
  sources(reader: number, key: number, value: number): readonly number[] {
    const writers = all(this.#last.get(this.#name(key, value)));
    const others = writers.includes(reader) ? writers.filter((by) => by !== reader) : writers;
    return value === absent ? [...others, atFirst] : others;
  }

  appends(key: number, value: number): readonly WriteAccess[] {
    return all(this.#appends.get(this.#name(key, value)));
  }

  /** Somebody who wrote the value and then another one. */
  hiddenWriter(key: number, value: number): WriteAccess | undefined {
    return this.#hidden.get(this.#name(key, value));
  }

  isOwn(by: number, key: number, value: number): boolean {
    return all(this.#last.get(this.#name(key, value))).includes(by);
  }

  abortedWriter(key: number, value: number): SeenTransaction | undefined {
    return this.#aborted.get(this.#name(key, value));
  }

  /** Anybody at all, and were it one that failed. */
  isWritten(key: number, value: number): boolean {
    const name = this.#name(key, value);
    return (
      value === absent ||
      [this.#last, this.#hidden, this.#appends, this.#aborted].some((map) => map.has(name))
    );
  }

  #name(key: number, value: number): number {
    return key * this.#valueCount + value;
  }
}

/** Nearly every value is written once. */
function push<T extends object | number>(map: Map<number, T | T[]>, name: number, item: T): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, item);
  else if (Array.isArray(known)) known.push(item);
  else map.set(name, [known, item]);
}

function all<T extends object | number>(known: T | T[] | undefined): readonly T[] {
  if (known === undefined) return [];
  return Array.isArray(known) ? known : [known];
}
