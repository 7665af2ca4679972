import { absent } from '../../history/history.js';
import type { Access, WriteAccess } from './access.js';
import type { SeenTransaction } from './transactions.js';

const atFirst = -1;

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
