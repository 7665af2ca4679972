/**
 * Whether clients that keep sessions got what sessions promise (Terry et al., PDIS 1994), judged by versions.
 *
 * Read your writes and monotonic reads: a read returns nothing older than what its client has written and read under
 * that key. Monotonic writes and writes follow reads: a write is newer than all that its client has written and read.
 */
import type { Key } from '../core/key.js';
import { compareVersions, type Version } from '../core/version.js';
import {
  byKey,
  describeAny,
  isCollectedAbsence,
  isDone,
  isObservation,
  type Violation,
  versionOf,
} from './checks.js';
import type { HistoryEntry } from './history.js';

export function checkSessions(history: readonly HistoryEntry[]): Violation[] {
  const keys = byKey(history);
  return [...byClient(history).values()].flatMap((entries) => checkSession(entries, keys));
}

/** `entries` are one client's, which asks one thing after another. */
function checkSession(
  entries: readonly HistoryEntry[],
  keys: ReadonlyMap<Key, readonly HistoryEntry[]>,
): Violation[] {
  const violations: Violation[] = [];
  const written = new Map<Key, HistoryEntry>();
  const read = new Map<Key, HistoryEntry>();
  let lastWrite: HistoryEntry | null = null;
  let newestRead: HistoryEntry | null = null;
  for (const entry of entries) {
    const { key } = entry.operation;
    const find = (check: string, before: HistoryEntry) => {
      const message = `${describeAny(entry)}, after its own ${describeAny(before)}`;
      violations.push({ check, key, message });
    };
    if (isObservation(entry)) {
      const missed = (before: HistoryEntry | undefined): before is HistoryEntry =>
        before !== undefined && isBehind(entry, before, keys.get(key) ?? []);
      const [mine, seen] = [written.get(key), read.get(key)];
      if (missed(mine)) find('read your writes', mine);
      if (missed(seen)) find('monotonic reads', seen);
      if (versionOf(entry) === null) continue;
      read.set(key, entry);
      newestRead = newerOf(newestRead, entry);
    } else if (isDone(entry)) {
      if (lastWrite !== null && isOlder(entry, lastWrite)) find('monotonic writes', lastWrite);
      if (newestRead !== null && isOlder(entry, newestRead))
        find('writes follow reads', newestRead);
      written.set(key, entry);
      lastWrite = newerOf(lastWrite, entry);
    }
  }
  return violations;
}

function isBehind(
  read: HistoryEntry,
  before: HistoryEntry,
  others: readonly HistoryEntry[],
): boolean {
  return isOlder(read, before) && !isCollectedAbsence(read, before, others);
}

function isOlder(entry: HistoryEntry, before: HistoryEntry): boolean {
  const version = versionOf(entry);
  return version === null || compareVersions(version, versionOf(before) as Version) < 0;
}

function newerOf(a: HistoryEntry | null, b: HistoryEntry): HistoryEntry {
  return a === null || isOlder(a, b) ? b : a;
}

function byClient(history: readonly HistoryEntry[]): Map<number, HistoryEntry[]> {
  const groups = new Map<number, HistoryEntry[]>();
  for (const entry of history) {
    const group = groups.get(entry.client);
    if (group === undefined) groups.set(entry.client, [entry]);
    else group.push(entry);
  }
  return groups;
}
