/**
 * What operations show of versions comes in the order that is promised. Values often leave open which of two writes took
 * effect first; every protocol's versions say it.
 */
import type { Millis } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { pushTo } from '../core/lookup.js';
import type { Guarantee } from '../core/session.js';
import { isNewer, type Version } from '../core/version.js';
import {
  type HistoryEntry,
  outcomeOf,
  type ToldVersion,
  versionsTold,
  writesOf,
} from './history.js';
import { describeHeld, spanOf, type Violation } from './invariants.js';

type Which = 'reads' | 'writes' | 'all';

/** A promise: in a group whatever is `heeding` shows nothing older than what had been `telling` before it began. */
export interface VersionOrder {
  readonly check: string;
  /** Operations that must know of each other, of each key; `null`: this one is in no group. */
  group(entry: HistoryEntry): string | number | null;
  readonly telling: Which;
  readonly heeding: Which;
}

const ofClient = ({ client }: HistoryEntry): number | null => (client < 0 ? null : client);

/** The guarantees of Terry et al. (1994), of each key. */
export const sessionOrders: Readonly<Record<Guarantee, VersionOrder>> = {
  'read-your-writes': order('read your writes', 'writes', 'reads'),
  'monotonic-reads': order('monotonic reads', 'reads', 'reads'),
  'monotonic-writes': order('monotonic writes', 'writes', 'writes'),
  'writes-follow-reads': order('writes follow reads', 'reads', 'writes'),
};

function order(
  check: string,
  telling: VersionOrder['telling'],
  heeding: VersionOrder['heeding'],
): VersionOrder {
  return { check, group: ofClient, telling, heeding };
}

/** What a node writes is newer than all that it has told of the key before: older, nobody would ever see it. */
export const nodeOrder: VersionOrder = {
  check: 'lost write',
  group: ({ node }) => node,
  telling: 'all',
  heeding: 'writes',
};

/** `version` is `null` of a key that was absent, and nobody knows since when. */
interface Shown extends Omit<ToldVersion, 'version'> {
  readonly version: Version | null;
  readonly by: HistoryEntry;
  readonly isWrite: boolean;
}

export function checkVersionOrder(
  history: readonly HistoryEntry[],
  orders: readonly VersionOrder[],
): Violation[] {
  const deletes = deletesOf(history);
  const ofKeys = [...grouped(history.flatMap(shownBy), ({ key }) => key)];
  return orders.flatMap((order) =>
    ofKeys.flatMap(([key, shown]) => {
      const groups = grouped(shown, ({ by }) => order.group(by));
      const ofKey = deletes.get(key) ?? [];
      return [...groups.values()].flatMap((members) => violationsIn(members, order, ofKey));
    }),
  );
}

/** In the order in which the groups first appear; what is in none is left out. */
function grouped<T, K>(items: readonly T[], groupOf: (item: T) => K | null): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groupOf(item);
    if (group === null) continue;
    pushTo(groups, group, item);
  }
  return groups;
}

function violationsIn(
  members: readonly Shown[],
  { check, telling, heeding }: VersionOrder,
  deletes: readonly Delete[],
): Violation[] {
  return members.flatMap((own) => {
    if (!isOf(heeding, own)) return [];
    const before = members.find((other) => {
      return isOf(telling, other) && precedes(other.by, own.by) && isBehind(own, other, deletes);
    });
    if (before === undefined) return [];
    const message = `${tell(own)}, after ${tell(before)}`;
    return [{ check, key: own.key, message }];
  });
}

/** A client asks one thing after another, at once if it likes. */
function precedes(a: HistoryEntry, b: HistoryEntry): boolean {
  const isSame = a.client === b.client && a.invokedAt < b.invokedAt;
  return a.returnedAt < b.invokedAt || (isSame && a.returnedAt === b.invokedAt);
}

function isBehind(own: Shown, other: Shown, deletes: readonly Delete[]): boolean {
  if (other.version === null) return false;
  if (own.version === null) return !mayBeDeleted(own, other.version, other.value, deletes);
  return own.isWrite ? !isNewer(own.version, other.version) : isNewer(other.version, own.version);
}

/** `version`: what it was told; `null` when nobody knows whether it took effect. */
interface Delete extends Pick<Shown, 'key' | 'version'> {
  readonly invokedAt: Millis;
}

const none: readonly never[] = [];

/** All that may have taken effect, by key. */
function deletesOf(history: readonly HistoryEntry[]): ReadonlyMap<Key, readonly Delete[]> {
  const found = history.flatMap((entry): readonly Delete[] => {
    const { invokedAt, operation } = entry;
    if (operation.type === 'get') return none;
    const keys = writesOf(operation).flatMap(([key, left]) => (left === null ? [key] : []));
    if (outcomeOf(entry) === 'info') return keys.map((key) => ({ key, version: null, invokedAt }));
    const told = versionsTold(entry).filter(({ key }) => keys.includes(key));
    return told.map(({ key, version }) => ({ key, version, invokedAt }));
  });
  return grouped(found, ({ key }) => key);
}

/** Before `own` found nothing, what held this version may have been deleted, and the tombstone collected. */
function mayBeDeleted(
  { by }: Shown,
  version: Version,
  value: Uint8Array | null,
  deletes: readonly Delete[],
): boolean {
  if (value === null) return true;
  return deletes.some((one) => {
    const isBefore = one.invokedAt < by.returnedAt;
    return isBefore && (one.version === null || isNewer(one.version, version));
  });
}

function shownBy(by: HistoryEntry): Shown[] {
  const { operation, result } = by;
  const isWrite = result?.type === 'done' || result?.type === 'committed';
  const told = versionsTold(by).map((one) => ({ ...one, by, isWrite }));
  if (told.length > 0 || operation.type === 'txn') return told;
  const isAbsent =
    (result?.type === 'value' && result.value === null) ||
    (result?.type === 'refused' && result.actual === null);
  return isAbsent ? [{ key: operation.key, version: null, value: null, by, isWrite }] : [];
}

const isOf = (which: Which, { isWrite }: Shown): boolean =>
  which === 'all' || (which === 'writes') === isWrite;

function tell({ version, value, by, isWrite }: Shown): string {
  const what = version === null ? 'nothing' : describeHeld({ version, value });
  return `c${by.client} at ${by.node} (${by.level}, ${spanOf(by)}) ${isWrite ? 'wrote' : 'read'} ${what}`;
}
