import { type Access, accessOf, type Read, type Write } from './access.js';
import type { Transaction, Transactions } from './transactions.js';

/** Who wrote which value of which key. */
export class Written {
  readonly #writers = new Map<number, Write>();
  readonly #aborted = new Map<number, Transaction>();
  readonly #valueCount: number;
  /** Some value was written to some key more than once, so that nobody knows who wrote what was read. */
  hasRepeats = false;

  constructor(valueCount: number) {
    this.#valueCount = valueCount;
  }

  add(write: Write): void {
    const name = this.#name(write.key, write.value);
    const known = this.#writers.get(name);
    if (known === undefined) this.#writers.set(name, write);
    else this.hasRepeats = true;
  }

  addAborted(transaction: Transaction): void {
    for (const step of transaction.steps) {
      if (step.f !== 'r') this.#aborted.set(this.#name(step.key, step.value), transaction);
    }
  }

  writer(key: number, value: number): Write | undefined {
    return this.#writers.get(this.#name(key, value));
  }

  abortedWriter(key: number, value: number): Transaction | undefined {
    return this.#aborted.get(this.#name(key, value));
  }

  #name(key: number, value: number): number {
    return key * this.#valueCount + value;
  }
}

/** What the transactions that happened did: those that ended, and those whose writes such a one saw. */
export interface Committed {
  readonly transactions: readonly Transaction[];
  readonly access: readonly Access[];
  readonly written: Written;
}

export function committedOf({ live, aborted }: Transactions, valueCount: number): Committed {
  const all = new Written(valueCount);
  const accesses = live.map((transaction, by) => accessOf(transaction, by));
  for (const { writes } of accesses) for (const write of writes) all.add(write);
  const isSeen = new Uint8Array(live.length);
  live.forEach(({ end }, at) => {
    if (end === Number.POSITIVE_INFINITY) return;
    isSeen[at] = 1;
    for (const read of accesses[at]?.reads ?? []) {
      for (const value of valuesOf(read)) {
        const write = all.writer(read.key, value);
        if (write !== undefined) isSeen[write.by] = 1;
      }
    }
  });
  const transactions = live.filter((_, at) => isSeen[at] === 1);
  const access = transactions.map((transaction, by) => accessOf(transaction, by));
  const written = new Written(valueCount);
  written.hasRepeats = all.hasRepeats;
  for (const { writes } of access) for (const write of writes) written.add(write);
  for (const transaction of aborted) written.addAborted(transaction);
  return { transactions, access, written };
}

export function valuesOf({ value }: Read): readonly number[] {
  return typeof value === 'number' ? [value] : value;
}
