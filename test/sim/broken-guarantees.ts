/**
 * Whether clients that keep sessions got what sessions promise (Terry et al., PDIS 1994), judged by versions: for modes
 * whose stamps come from clocks that differ, where what a session wrote last is not always the newest.
 *
 * Read your writes and monotonic reads: a read returns nothing older than what its client has written and read under
 * that key. Monotonic writes and writes follow reads: a write is newer than all that its client has written and read.
 */
import type { Key } from '../../src/core/key.js';
import type { ClientResult, KeyOperation } from '../../src/core/operation.js';
import type { Guarantee } from '../../src/core/session.js';
import { compareVersions, isNewer, type Version } from '../../src/core/version.js';
import { writtenBy } from '../../src/workload/generator.js';

/** One operation on one key, as its client saw it. */
export interface Asked {
  readonly client: number;
  readonly operation: KeyOperation;
  readonly invokedAt: number;
  readonly returnedAt: number;
  readonly result: ClientResult;
}

export function brokenGuarantees(history: readonly Asked[]): Guarantee[] {
  const keys = byKey(history);
  return [...byClient(history).values()].flatMap((entries) => checkSession(entries, keys));
}

/** `entries` are one client's, which asks one thing after another. */
function checkSession(
  entries: readonly Asked[],
  keys: ReadonlyMap<Key, readonly Asked[]>,
): Guarantee[] {
  const violations: Guarantee[] = [];
  const written = new Map<Key, Asked>();
  const read = new Map<Key, Asked>();
  let lastWrite: Asked | null = null;
  let newestRead: Asked | null = null;
  for (const entry of entries) {
    const { key } = entry.operation;
    if (isObservation(entry)) {
      const missed = (before: Asked | undefined): before is Asked =>
        before !== undefined && isBehind(entry, before, keys.get(key) ?? []);
      const [mine, seen] = [written.get(key), read.get(key)];
      if (missed(mine)) violations.push('read-your-writes');
      if (missed(seen)) violations.push('monotonic-reads');
      if (versionOf(entry) === null) continue;
      read.set(key, entry);
      newestRead = newerOf(newestRead, entry);
    } else if (isDone(entry)) {
      if (lastWrite !== null && isOlder(entry, lastWrite)) violations.push('monotonic-writes');
      if (newestRead !== null && isOlder(entry, newestRead)) violations.push('writes-follow-reads');
      written.set(key, entry);
      lastWrite = newerOf(lastWrite, entry);
    }
  }
  return violations;
}

function isBehind(read: Asked, before: Asked, others: readonly Asked[]): boolean {
  return isOlder(read, before) && !isCollectedAbsence(read, before, others);
}

function isOlder(entry: Asked, before: Asked): boolean {
  const version = versionOf(entry);
  return version === null || compareVersions(version, versionOf(before) as Version) < 0;
}

function newerOf(a: Asked | null, b: Asked): Asked {
  return a === null || isOlder(a, b) ? b : a;
}

function byClient(history: readonly Asked[]): Map<number, Asked[]> {
  const groups = new Map<number, Asked[]>();
  for (const entry of history) {
    const group = groups.get(entry.client);
    if (group === undefined) groups.set(entry.client, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** Whether `read` found nothing because what `missed` tells of had been deleted, and the tombstone collected. */
function isCollectedAbsence(read: Asked, missed: Asked, entries: readonly Asked[]): boolean {
  if (shownValue(read) !== null) return false;
  if (shownValue(missed) === null) return true;
  return entries.some((entry) => {
    const { operation, result } = entry;
    const deletes = operation.type !== 'get' && writtenBy(operation) === null;
    if (!deletes || entry.invokedAt >= read.returnedAt) return false;
    if (isDone(entry)) return isNewer(versionOf(entry) as Version, versionOf(missed));
    return result.type === 'error' && !result.definite;
  });
}

const isDone = ({ result }: Asked): boolean => result.type === 'done';
const isObservation = ({ result }: Asked): boolean =>
  result.type === 'value' || result.type === 'refused';

function shownValue({ operation, result }: Asked): Uint8Array | null {
  if (result.type === 'value') return result.value;
  return result.type === 'refused' ? result.actual : writtenBy(operation);
}

const versionOf = ({ result }: Asked): Version | null =>
  'version' in result ? result.version : null;

function byKey(history: readonly Asked[]): Map<Key, Asked[]> {
  const groups = new Map<Key, Asked[]>();
  for (const entry of history) {
    const group = groups.get(entry.operation.key);
    if (group === undefined) groups.set(entry.operation.key, [entry]);
    else group.push(entry);
  }
  return groups;
}
