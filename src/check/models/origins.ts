/**
 * Where the values that operations found come from: the write that each of them read, where the history tells.
 *
 * It tells when every value is written once. A value that several operations wrote (absence above all) comes from any
 * of them; then nothing certain can be said of that reading, and it takes no part in proving a violation. For proving
 * that a model holds any choice will do that makes it hold; three are tried.
 */

import { countWhile } from '../../core/lookup.js';
import { absent, type History, unsaid } from '../../history/history.js';
import { arrowsOf } from '../graph/arrows.js';
import { type RegisterOperations, registerKinds } from '../register/operations.js';
import {
  allWritesOf,
  foundAt,
  type KeyOperations,
  sureReaders,
  writesAt,
} from '../register/split.js';
import type { SessionTable } from './sessions.js';

/** Instead of a writer: it found nothing, or does not say what, or need not have happened. */
export const noOrigin = -1;
/** The key as it was before all operations. */
export const initialOrigin = -2;
/** One of several writers. */
export const ambiguous = -3;
/** Nobody who may have succeeded wrote that value. */
export const nowhere = -4;

export interface Origins {
  /** By operation of the key: the operation that wrote what it found, or one of the above. */
  readonly of: Int32Array;
  /**
   * With every `ambiguous` reading given to a writer: to the last that began before the reading ended; to the first of
   * all; to the first that is no older than what the session has seen.
   */
  readonly guesses: readonly Int32Array[];
  readonly ambiguousCount: number;
  /** Operations that say something of what they found, but not which value it was. */
  readonly vagueCount: number;
  /** The first reading of a value from nowhere, or -1. */
  readonly nowhere: number;
  /** By writer, how new its version is among those of the key, from 0; `null` where not every write has one. */
  readonly rank: Int32Array | null;
}

export function originsOf(
  history: History,
  sessions: SessionTable,
  operations: KeyOperations,
): Origins {
  const { register } = operations;
  const writers = writersByValue(register, operations.values.length);
  const of = new Int32Array(register.count).fill(noOrigin);
  const [late, early] = [of.slice(), of.slice()];
  const isSure = sureReaders(operations);
  let byVersion: ReadonlyMap<string, number> | null = null;
  let [ambiguousCount, vagueCount, firstNowhere] = [0, 0, -1];
  for (let at = 0; at < register.count; at++) {
    const kind = register.kind[at];
    if (kind === registerKinds.update) vagueCount += 1;
    if (isSure[at] === 0) continue;
    const value = foundAt(register, at);
    of[at] = certainOrigin(writers, value);
    if (of[at] === ambiguous && kind === registerKinds.read) {
      byVersion ??= writersByVersion(history, operations);
      const writer = byVersion.get(versionKey(history, operations.index[at] as number));
      if (writer !== undefined && register.value[writer] === value) of[at] = writer;
    }
    late[at] = of[at] as number;
    early[at] = of[at] as number;
    if (of[at] === ambiguous) {
      late[at] = lastWriter(register, writers, value, at);
      early[at] = firstWriter(writers, value, at);
      ambiguousCount += 1;
    }
    if (of[at] === nowhere && firstNowhere === -1) firstNowhere = at;
  }
  const rank = ranksOf(history, operations, of);
  const guesses =
    ambiguousCount === 0 ? [] : [late, early, goingForward(sessions, operations, writers, of)];
  return { of, guesses, ambiguousCount, vagueCount, nowhere: firstNowhere, rank };
}

/** The writers of each value, in the order in which they began: those of value v are `order` from `starts[v]` on. */
interface Writers {
  readonly starts: Int32Array;
  readonly order: Int32Array;
}

function writersByValue(register: RegisterOperations, valueCount: number): Writers {
  const writes = allWritesOf(register);
  const { first: starts, to: order } = arrowsOf(valueCount, (add) => {
    for (const at of writes) add(register.value[at] as number, at, 0);
  });
  return { starts, order };
}

function certainOrigin({ starts, order }: Writers, value: number): number {
  const first = starts[value] as number;
  const count = (starts[value + 1] as number) - first;
  if (value === absent) return count === 0 ? initialOrigin : ambiguous;
  if (count === 0) return nowhere;
  return count === 1 ? (order[first] as number) : ambiguous;
}

function lastWriter(
  register: RegisterOperations,
  { starts, order }: Writers,
  value: number,
  reading: number,
): number {
  const end = register.end[reading] as number;
  const first = starts[value] as number;
  const isBegun = (writer: number) => (register.start[writer] as number) <= end;
  let low = countWhile(order, isBegun, first, starts[value + 1]);
  if (low > first && order[low - 1] === reading) low -= 1;
  if (low > first) return order[low - 1] as number;
  return value === absent ? initialOrigin : (order[first] as number);
}

function firstWriter({ starts, order }: Writers, value: number, reading: number): number {
  if (value === absent) return initialOrigin;
  const first = starts[value] as number;
  return order[first] === reading ? (order[first + 1] as number) : (order[first] as number);
}

/** As if writes took effect in the order in which they began, and no session ever saw an older one. */
function goingForward(
  sessions: SessionTable,
  { register, index }: KeyOperations,
  writers: Writers,
  of: Int32Array,
): Int32Array {
  const guess = of.slice();
  const newest = new Map<number, number>();
  for (let at = 0; at < register.count; at++) {
    const session = sessions.of[index[at] as number] as number;
    const seen = newest.get(session) ?? initialOrigin;
    if (of[at] === ambiguous) {
      guess[at] = firstWriterFrom(writers, foundAt(register, at), at, seen);
    }
    const now = writesAt(register, at) ? at : (guess[at] as number);
    if (now > seen) newest.set(session, now);
  }
  return guess;
}

function firstWriterFrom(writers: Writers, value: number, reading: number, from: number): number {
  const { starts, order } = writers;
  if (from < 0) return firstWriter(writers, value, reading);
  const first = starts[value] as number;
  const end = starts[value + 1] as number;
  let low = countWhile(order, (writer) => writer < from, first, end);
  if (low < end && order[low] === reading) low += 1;
  return low < end ? (order[low] as number) : (order[end - 1] as number);
}

/** A version as a key of a map; empty when the operation at `at` of the history has none. */
function versionKey(history: History, at: number): string {
  const stamp = history.versionStamp[at] as number;
  return Number.isNaN(stamp) ? '' : `${stamp}@${history.versionNode[at]}`;
}

function writersByVersion(history: History, { register, index }: KeyOperations) {
  const writers = new Map<string, number>();
  for (const at of allWritesOf(register)) {
    const version = versionKey(history, index[at] as number);
    if (version !== '') writers.set(version, at);
  }
  return writers;
}

/** A write that nobody answered has no version of its own, but a reading of its value has. */
function ranksOf(history: History, operations: KeyOperations, of: Int32Array): Int32Array | null {
  const { register, index } = operations;
  const witness = new Int32Array(register.count).fill(-1);
  for (let at = 0; at < register.count; at++) {
    if (Number.isNaN(history.versionStamp[index[at] as number] as number)) continue;
    if (writesAt(register, at)) witness[at] = index[at] as number;
    else if ((of[at] as number) >= 0 && witness[of[at] as number] === -1) {
      witness[of[at] as number] = index[at] as number;
    }
  }
  const writers = allWritesOf(register);
  if (writers.some((at) => witness[at] === -1)) return null;
  writers.sort((a, b) => compareVersionsAt(history, witness[a] as number, witness[b] as number));
  const rank = new Int32Array(register.count).fill(-1);
  for (const [place, writer] of writers.entries()) rank[writer] = place;
  return rank;
}

function compareVersionsAt(history: History, a: number, b: number): number {
  const byStamp = (history.versionStamp[a] as number) - (history.versionStamp[b] as number);
  if (byStamp !== 0) return byStamp;
  return nodeName(history, a) < nodeName(history, b) ? -1 : 1;
}

function nodeName(history: History, at: number): string {
  const node = history.versionNode[at] as number;
  return node === unsaid ? '' : (history.nodes[node] ?? '');
}
