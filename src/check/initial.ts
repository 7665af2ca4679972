/**
 * What keys held at first. A history begins with absent keys, unless its reader says otherwise; but many do not: a
 * register of Jepsen's often begins as 0. That shows where a value was read before anybody began to write it, and before
 * any write of the key had ended.
 */

import { entryOf } from '../core/lookup.js';
import { kindCode, outcomeCode } from '../history/event.js';
import { absent, type History, unsaid } from '../history/history.js';
import { type SeenTransactions, transactionsOf } from './elle/transactions.js';
import { shownText } from './evidence/narrator.js';
import { foundAt, type KeyOperations, readsAt, splitByKey, writesAt } from './register/split.js';
import type { InitialReport } from './report.js';

/** By key, the value that it held at first, as ids of the history; keys that began absent are not in it. */
export type Initials = ReadonlyMap<number, number>;

export const noInitials: Initials = new Map();

/** The history, with `text` among its values, and every key holding it at first. */
export function withInitial(
  history: History,
  text: string,
): { history: History; initials: Initials } {
  const known = history.values.indexOf(text);
  const id = known === -1 ? history.values.length : known;
  const values = known === -1 ? [...history.values, text] : history.values;
  return {
    history: { ...history, values },
    initials: new Map(history.keys.map((_, key) => [key, id])),
  };
}

/** Those that a report was made with, for who looks into its history once more. */
export function initialsFor(
  history: History,
  initial: InitialReport | null,
): { history: History; initials: Initials } {
  if (initial?.given !== undefined) return withInitial(history, initial.given);
  return { history, initials: initial === null ? noInitials : initialsShownBy(history) };
}

/**
 * What keys must have held at first, if what was read of them is true. A history that knows absence, or versions, tells
 * how its keys began; and where no value is written twice, one that was written later is one that was read too early.
 */
export function initialsShownBy(history: History): Initials {
  if (knowsAbsence(history)) return noInitials;
  const shown = new Map<number, number>();
  if (history.steps.size > 0) {
    for (const [key, accesses] of accessesByKey(transactionsOf(history))) {
      const value = shownBy(accesses);
      if (value !== null) shown.set(key, value);
    }
    return shown;
  }
  for (const key of splitByKey(history)) {
    const value = shownBy(accessesOf(history, key));
    if (value !== null) shown.set(key.key, key.values[value] as number);
  }
  return shown;
}

function knowsAbsence(history: History): boolean {
  for (let at = 0; at < history.count; at++) {
    const kind = history.kind[at];
    if (kind === kindCode.insert || kind === kindCode.update || kind === kindCode.delete)
      return true;
    if (history.outcome[at] === outcomeCode.ok && history.seen[at] === absent) return true;
    if (history.expected[at] === absent || !Number.isNaN(history.versionStamp[at])) return true;
    const steps = history.steps.get(at) ?? [];
    if (history.outcome[at] === outcomeCode.ok && steps.some(({ value }) => value === absent))
      return true;
  }
  return false;
}

/** What was written to one key and read of it, in ids of its own or of the history. */
interface Accesses {
  readonly writes: Access[];
  readonly reads: Access[];
  /** Of writes that surely failed. */
  readonly failures: Access[];
}

interface Access {
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

function accessesOf({ invokedAt }: History, { register, failedWriters }: KeyOperations): Accesses {
  const accesses: Accesses = { writes: [], reads: [], failures: [] };
  for (let at = 0; at < register.count; at++) {
    const [start, end] = [register.start[at] as number, register.end[at] as number];
    const isWrite = writesAt(register, at);
    if (isWrite) accesses.writes.push({ value: register.value[at] as number, start, end });
    if (readsAt(register, at)) accesses.reads.push({ value: foundAt(register, at), start, end });
  }
  for (const [value, by] of failedWriters) {
    const start = invokedAt[by] as number;
    accesses.failures.push({ value, start, end: start });
  }
  return accesses;
}

/** By key; without keys to which somebody appends, and without what a transaction read of its own writes. */
function accessesByKey({ live, aborted }: SeenTransactions): ReadonlyMap<number, Accesses> {
  const byKey = new Map<number, Accesses>();
  const appended = new Set<number>();
  const of = (key: number) => entryOf(byKey, key, () => ({ writes: [], reads: [], failures: [] }));
  for (const { steps, start, end } of live) {
    const own = new Set<number>();
    for (const { f, key, value } of steps) {
      if (f === 'append' || Array.isArray(value)) appended.add(key);
      else if (f === 'w') {
        own.add(key);
        of(key).writes.push({ value, start, end });
      } else if (typeof value === 'number' && !own.has(key)) {
        of(key).reads.push({ value, start, end });
      }
    }
  }
  for (const { steps, start, end } of aborted) {
    for (const { f, key, value } of steps)
      if (f === 'w') of(key).failures.push({ value, start, end });
  }
  for (const key of appended) byKey.delete(key);
  return byKey;
}

/** The value that the key must have held at first; `null`: none, or more than one. */
function shownBy({ writes, reads, failures }: Accesses): number | null {
  const firstEnd = writes.reduce(
    (least, { end }) => Math.min(least, end),
    Number.POSITIVE_INFINITY,
  );
  const begun = new Map<number, number>();
  for (const { value, start } of writes) {
    begun.set(value, Math.min(begun.get(value) ?? Number.POSITIVE_INFINITY, start));
  }
  const isUnique = begun.size === writes.length;
  const shown = new Set<number>();
  for (const { value, start, end } of reads) {
    const isEarly = (begun.get(value) ?? Number.POSITIVE_INFINITY) > end;
    if (!isEarly || firstEnd < start) continue;
    if (isUnique && begun.has(value)) return null;
    // Likelier than that it was there is that the write which is said to have failed did not.
    if (failures.some((failed) => failed.value === value && failed.start <= end)) return null;
    shown.add(value);
  }
  const [only, second] = shown;
  return only === undefined || second !== undefined ? null : only;
}

/** One value for every key that has one, in words: `x held 0 at first`. */
export function initialSentence(history: History, initials: Initials): string {
  const name = (value: number): string => shownText(history.values[value] ?? 'nothing');
  const values = [...new Set(initials.values())];
  const [only] = values;
  if (values.length === 1 && only !== undefined && initials.size > 1) {
    const which = initials.size === history.keys.length ? 'every key' : `${initials.size} keys`;
    return `${which} held ${name(only)} at first`;
  }
  const each = [...initials].map(([key, value]) => `${keyName(history, key)} ${name(value)}`);
  const more = each.length > 3 ? ` and ${each.length - 3} more` : '';
  if (each.length > 1) return `keys held at first: ${each.slice(0, 3).join(', ')}${more}`;
  const [[key, value] = [unsaid, unsaid]] = initials;
  return `${keyName(history, key)} held ${name(value)} at first`;
}

const keyName = (history: History, key: number): string => shownText(history.keys[key] ?? '');
