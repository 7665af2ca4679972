/** What each transaction read from others and left for others, key by key. */
import { absent, type Step } from '../../history/history.js';
import type { Transaction } from './transactions.js';

export interface Read {
  /** An index into the live transactions. */
  readonly by: number;
  readonly key: number;
  /** What others had left there: a value, or a list without what the transaction appended itself. */
  readonly value: number | readonly number[];
}

export interface Write {
  readonly by: number;
  readonly key: number;
  readonly value: number;
  /** Overwritten, or appended to, by the same transaction. */
  readonly isIntermediate: boolean;
}

export interface Access {
  readonly reads: readonly Read[];
  readonly writes: readonly Write[];
  /** A read that disagrees with what the transaction itself had read or written: its key. */
  readonly internal: number | null;
}

interface Held {
  /** What others left; null while it is not known. */
  base: number | readonly number[] | null;
  /** What the transaction appended since. */
  readonly own: number[];
}

export function accessOf({ steps }: Transaction, by: number): Access {
  const held = new Map<number, Held>();
  const reads: Read[] = [];
  const writes: Write[] = [];
  let internal: number | null = null;
  steps.forEach((step, at) => {
    const { f, key } = step;
    const own = held.get(key) ?? { base: null, own: [] };
    held.set(key, own);
    if (f === 'r') {
      if (step.value === null) return;
      const { value, agrees } = readOf(own, step.value);
      if (value !== null) reads.push({ by, key, value });
      if (!agrees) internal ??= key;
      return;
    }
    const isIntermediate = steps.some(
      (other, later) => later > at && other.f !== 'r' && other.key === key,
    );
    writes.push({ by, key, value: step.value, isIntermediate });
    if (f === 'append') own.own.push(step.value);
    else held.set(key, { base: step.value, own: [] });
  });
  return { reads, writes, internal };
}

/** `value`: what of it others must have left, when that was not known before. */
function readOf(held: Held, seen: number | readonly number[]) {
  const { base, own } = held;
  if (base === null && own.length === 0) {
    held.base = seen;
    return { value: seen, agrees: true };
  }
  const list = listOf(seen);
  const rest = list.slice(0, Math.max(0, list.length - own.length));
  const endsWithOwn = own.every((value, at) => value === list[rest.length + at]);
  const agrees = endsWithOwn && (base === null || isSame(base, own.length === 0 ? seen : rest));
  if (base === null && agrees) {
    held.base = rest;
    return { value: rest, agrees };
  }
  return { value: null, agrees };
}

/** A key that was never appended to reads as absent, or as an empty list. */
export function listOf(value: number | readonly number[]): readonly number[] {
  if (typeof value !== 'number') return value;
  return value === absent ? [] : [value];
}

export function isSame(a: number | readonly number[], b: number | readonly number[]): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a === b;
  const [left, right] = [listOf(a), listOf(b)];
  return left.length === right.length && left.every((value, at) => value === right[at]);
}

/** Keys that lists are kept under, and keys that single values are; a key of both kinds can't be judged. */
export function kindsOfKeys(transactions: readonly Transaction[]) {
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
